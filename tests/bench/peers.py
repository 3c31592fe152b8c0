#!/usr/bin/env python3
"""Runs near-duplicate finders on one corpus with known truth and prints one table.

    peers.py --corpus DIR [--taoxi PATH] [--only NAME,...] [--json FILE]

DIR holds corpus.jsonl and truth.jsonl, as the corpus maker or special.py writes them. Each engine (a file in peers/)
runs as a subprocess of its own on the same file; those whose variant says "washed" get what `taoxi clean` made of it.
NAME is an engine (`rensa`) or one variant of it (`rensa:tuned`). An engine that is not installed, fails or takes
longer than --timeout is skipped with a line that says so.

Measured for each run: CPU seconds (user and system, children included), wall seconds, peak memory (ru_maxrss).
"wash" is what washing cost, for the variants that need it; the ratios to taoxi, which washes by itself, include it.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
ENGINES = (
    "exact_text",
    "rensa_lsh",
    "datasketch_lsh",
    "text_dedup_minhash",
    "text_dedup_simhash",
    "gaoya_lsh",
    "simhash_crate",
    "faiss_binary",
)


class Skipped(Exception):
    """Why an engine has no row."""


@dataclass
class Cost:
    """What a subprocess took."""

    cpu: float
    wall: float
    memory: int

    def plus(self, other: Cost) -> Cost:
        """Both one after the other."""
        return Cost(self.cpu + other.cpu, self.wall + other.wall, max(self.memory, other.memory))


@dataclass
class Row:
    """One line of the table."""

    engine: str
    version: str
    settings: str
    cost: Cost
    wash: Cost | None
    score: dict[str, Any]
    clusters: int
    ratios: dict[str, float] = field(default_factory=dict)

    def total(self) -> Cost:
        """With the washing."""
        return self.cost.plus(self.wash) if self.wash else self.cost


def measure(command: list[str], log: Path, timeout: float, out: Path | None = None) -> Cost:
    """Runs a command in its own process group and says what it and its children took."""
    with log.open("wb") as errors, (out or log.with_suffix(".out")).open("wb") as output:
        start = time.monotonic()
        child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=errors, start_new_session=True
        )
        try:
            status, usage = wait(child.pid, start + timeout)
        except BaseException:
            os.killpg(child.pid, signal.SIGKILL)
            raise
        child.returncode = os.waitstatus_to_exitcode(status)
    wall = time.monotonic() - start
    if child.returncode != 0:
        lines = log.read_text(encoding="utf8", errors="replace").strip().splitlines()
        reason = f"over {timeout:.0f} s" if wall >= timeout else lines[-1] if lines else f"exit {child.returncode}"
        raise Skipped(reason)
    return Cost(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss * 1024)


def wait(pid: int, deadline: float) -> tuple[int, Any]:
    """Waits for a child, ending its process group at the deadline; its status and what it used."""
    pause = 0.001
    while True:
        done, status, usage = os.wait4(pid, os.WNOHANG)
        if done:
            return status, usage
        if time.monotonic() > deadline:
            os.killpg(pid, signal.SIGKILL)
            deadline = float("inf")
        time.sleep(pause)
        pause = min(pause * 1.5, 0.02)


def wash(taoxi: str, corpus: Path, work: Path, timeout: float) -> tuple[Path, Cost]:
    """Writes the corpus as `taoxi clean` leaves it; a text that it refused stays as it was."""
    clean, washed = work / "clean.ndjson", work / "washed.jsonl"
    cost = measure([taoxi, "clean", "--format", "ndjson", str(corpus)], work / "wash.log", timeout, clean)
    texts: dict[str, str] = {}
    with clean.open(encoding="utf8") as lines:
        for line in lines:
            record = json.loads(line)
            if isinstance(record.get("text"), str):
                texts[record["id"]] = record["text"]
    kept = 0
    with corpus.open(encoding="utf8") as lines, washed.open("w", encoding="utf8") as output:
        for line in lines:
            record = json.loads(line)
            kept += record["id"] not in texts
            text = texts.get(record["id"], record["text"])
            output.write(json.dumps({"id": record["id"], "text": text}, ensure_ascii=False) + "\n")
    if kept:
        print(f"wash: {kept} texts came back without a text and stay as they were", file=sys.stderr)
    return washed, cost


def score(scorer: Path, truth: Path, out: Path) -> dict[str, Any]:
    """What the scorer says of a run; with the relations when the engine wrote some."""
    command = [sys.executable, str(scorer), str(truth), str(out / "documents.ndjson")]
    if (out / "relations.ndjson").exists():
        command.append(str(out / "relations.ndjson"))
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Skipped("the scorer failed: " + (done.stderr.strip().splitlines() or ["?"])[-1])
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def count_clusters(file: Path) -> int:
    """How many clusters a run, or the truth, has."""
    with file.open(encoding="utf8") as lines:
        return len({json.loads(line)["cluster"] for line in lines})


class Bench:
    """One corpus, one set of tools, the rows so far."""

    def __init__(self, args: argparse.Namespace, work: Path) -> None:
        self.args, self.work, self.rows = args, work, list[Row]()
        self.corpus, self.truth = args.corpus / "corpus.jsonl", args.corpus / "truth.jsonl"
        with self.truth.open(encoding="utf8") as lines:
            parts = [len(json.loads(line)["parts"]) for line in lines]
        self.copies, self.parts = len(parts) - count_clusters(self.truth), sum(parts)
        self.washed: tuple[Path, Cost] | Skipped | None = None

    def wanted(self, engine: str, variant: str | None = None) -> bool:
        """Whether --only names this engine or variant."""
        only = self.args.only
        if not only:
            return True
        if variant is None:
            return any(name.partition(":")[0] == engine for name in only)
        return engine in only or f"{engine}:{variant}" in only

    def washed_corpus(self) -> tuple[Path, Cost]:
        """The washed corpus, made once."""
        if self.washed is None:
            try:
                self.washed = wash(self.args.taoxi, self.corpus, self.work, self.args.timeout)
                if self.args.keep_washed:
                    shutil.copyfile(self.washed[0], self.args.keep_washed)
                print(f"wash: {self.washed[1].cpu:.2f} s CPU, {self.washed[1].wall:.2f} s wall", file=sys.stderr)
            except (Skipped, OSError) as error:
                self.washed = Skipped(f"{self.args.taoxi} clean: {error}")
        if isinstance(self.washed, Skipped):
            raise self.washed
        return self.washed

    def run(self, name: str, version: str, settings: str, command: list[str], washing: Cost | None) -> None:
        """Runs one engine --repeat times, keeps the quickest, adds its row."""
        out, best = self.work / name.replace(":", "-"), None
        for _ in range(self.args.repeat):
            cost = measure([*command, "--out", str(out)], self.work / "engine.log", self.args.timeout)
            best = cost if best is None or cost.cpu < best.cpu else best
        assert best is not None
        found = score(self.args.scorer, self.truth, out) | {"copies": self.copies}
        if not self.parts:
            found.pop("part_recall", None)
        clusters = count_clusters(out / "documents.ndjson")
        self.rows.append(Row(name, version, settings, best, washing, found, clusters))
        shown = f"F1 {found['f1']:.4f}" if self.copies else f"{clusters} clusters"
        print(f"{name}: {shown}, {best.cpu:.1f} s CPU, {best.wall:.1f} s wall", file=sys.stderr)

    def attempt(self, name: str, *rest: Any) -> None:
        """As `run`, but a failure is a line."""
        try:
            self.run(name, *rest)
        except (Skipped, OSError) as error:
            skip(name, str(error))

    def taoxi(self) -> None:
        """The program under test."""
        if not self.wanted("taoxi"):
            return
        try:
            shown = subprocess.run([self.args.taoxi, "--version"], capture_output=True, text=True, check=True)
        except (OSError, subprocess.CalledProcessError) as error:
            skip("taoxi", str(error))
            return
        version = shown.stdout.strip().removeprefix("taoxi").strip()
        self.attempt("taoxi", version, "dedupe, defaults", [self.args.taoxi, "dedupe", str(self.corpus)], None)

    def peer(self, module: str) -> None:
        """All wanted variants of a peer."""
        command = [self.args.python, str(HERE / "peers" / f"{module}.py")]
        shown = subprocess.run([*command, "--list"], capture_output=True, text=True, check=False)
        if shown.returncode != 0:
            skip(module, (shown.stderr.strip().splitlines() or ["?"])[-1])
            return
        about = json.loads(shown.stdout)
        if not self.wanted(about["engine"]):
            return
        if about["version"] is None:
            skip(about["engine"], f"{about['package'] or 'cargo'} is not installed")
            return
        ready = subprocess.run([*command, "--prepare"], capture_output=True, text=True, check=False)
        if ready.returncode != 0:
            skip(about["engine"], "cannot be built: " + (ready.stderr.strip().splitlines() or ["?"])[-1])
            return
        for variant in about["variants"]:
            name = f"{about['engine']}:{variant['name']}"
            if self.wanted(about["engine"], variant["name"]):
                self.variant(name, about["version"], variant, command)

    def variant(self, name: str, version: str, variant: dict[str, Any], command: list[str]) -> None:
        """One variant of a peer, on the corpus as it is or washed."""
        corpus, washing = self.corpus, None
        if variant["washed"]:
            try:
                corpus, washing = self.washed_corpus()
            except Skipped as error:
                skip(name, str(error))
                return
        command = [*command, "--corpus", str(corpus), "--variant", variant["name"]]
        self.attempt(name, version, variant["settings"], command, washing)

    def ratios(self) -> None:
        """How many times more than taoxi each engine takes."""
        base = next((row.total() for row in self.rows if row.engine == "taoxi"), None)
        if base is None:
            return
        for row in self.rows:
            total = row.total()
            row.ratios = {
                "cpu": total.cpu / max(base.cpu, 0.01),
                "wall": total.wall / max(base.wall, 0.01),
                "memory": total.memory / base.memory,
            }


def skip(name: str, reason: str) -> None:
    """A visible line for an engine without a row."""
    print(f"{name}: skipped: {reason}", file=sys.stderr)


def table(rows: list[Row]) -> str:
    """All rows under one head, in columns."""
    kinds = sorted({kind for row in rows for kind in row.score["recall_by_kind"]})
    head = ["engine", "version", "P", "R", "F1", "clusters", "worst", *kinds, "part"]
    head += ["CPU s", "wall s", "wash s", "MiB", "CPU ×", "wall ×", "mem ×", "settings"]
    lines = [head]
    for row in rows:
        found, ratio = row.score, row.ratios
        cells = [row.engine, row.version]
        cells += [f"{found[key]:.4f}" if found["copies"] else "–" for key in ("precision", "recall", "f1")]
        cells += [str(row.clusters), str(found["largest_false_cluster"])]
        cells += [f"{found['recall_by_kind'][kind]:.3f}" if kind in found["recall_by_kind"] else "–" for kind in kinds]
        cells += [f"{found['part_recall']:.3f}" if "part_recall" in found else "–"]
        cells += [f"{row.cost.cpu:.2f}", f"{row.cost.wall:.2f}", f"{row.wash.cpu:.2f}" if row.wash else "–"]
        cells += [f"{row.cost.memory / 2**20:.0f}"]
        cells += [f"{ratio[key]:.1f}" if key in ratio else "–" for key in ("cpu", "wall", "memory")]
        lines.append([*cells, row.settings])
    widths = [max(3, *(len(line[column]) for line in lines)) for column in range(len(head))]
    left = {0, 1, len(head) - 1}
    rule = ["-" * width if column in left else "-" * (width - 1) + ":" for column, width in enumerate(widths)]
    lines.insert(1, rule)
    shown = []
    for line in lines:
        padded = (c.ljust(w) if i in left else c.rjust(w) for i, (c, w) in enumerate(zip(line, widths, strict=True)))
        shown.append("| " + " | ".join(padded) + " |")
    return "\n".join(shown)


def as_json(rows: list[Row]) -> list[dict[str, Any]]:
    """The rows as they go into --json."""
    return [
        {
            "engine": row.engine,
            "version": row.version,
            "settings": row.settings,
            **row.score,
            "clusters": row.clusters,
            "cpu_seconds": round(row.cost.cpu, 3),
            "wall_seconds": round(row.cost.wall, 3),
            "wash_cpu_seconds": round(row.wash.cpu, 3) if row.wash else None,
            "peak_bytes": row.cost.memory,
            "ratio_to_taoxi": {key: round(value, 3) for key, value in row.ratios.items()},
        }
        for row in rows
    ]


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True, help="folder with corpus.jsonl and truth.jsonl")
    parser.add_argument("--taoxi", default=str(ROOT / "target" / "release" / "taoxi"), help="the program under test")
    parser.add_argument("--only", type=lambda names: names.split(","), default=[], metavar="NAME,...")
    parser.add_argument("--json", type=Path, help="write the rows here too")
    parser.add_argument("--scorer", type=Path, default=ROOT.parent / "shared" / "bench" / "dedup" / "score.py")
    parser.add_argument("--python", default=sys.executable, help="the Python that has the peers installed")
    parser.add_argument("--repeat", type=int, default=1, help="run each engine so often and keep the least CPU")
    parser.add_argument("--keep-washed", type=Path, metavar="FILE", help="keep the washed corpus here, for sweep.py")
    parser.add_argument("--timeout", type=float, default=3600, help="seconds after which a run is ended")
    return parser.parse_args()


def main() -> None:
    """Runs what is wanted and prints the table."""
    args = arguments()
    with tempfile.TemporaryDirectory(prefix="peers-") as folder:
        bench = Bench(args, Path(folder))
        bench.taoxi()
        for module in ENGINES:
            bench.peer(module)
        bench.ratios()
    if not bench.rows:
        sys.exit("no engine ran")
    print(table(bench.rows))
    if args.json:
        args.json.write_text(json.dumps(as_json(bench.rows), ensure_ascii=False, indent=1) + "\n", encoding="utf8")


if __name__ == "__main__":
    main()
