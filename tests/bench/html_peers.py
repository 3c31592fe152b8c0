#!/usr/bin/env python3
"""Runs main-content extractors on pages with known content and prints one table.

    html_peers.py DIR [--taoxi PATH] [--python PYTHON] [--keep FOLDER] [--only NAME,...] [--json FILE]

DIR holds the pages (`pages.jsonl.xz`) and `score.py`, which writes them as JSON lines and scores what an extractor made of
them; without DIR there is nothing to run, and this says so. Each engine is one process with one thread. An engine that is
not installed, fails or takes longer than --timeout is skipped with a line that says why.

--keep remembers what the peers answered and how long they took, so that a later run on the same pages only runs taoxi;
--again runs them anew. MB/s are megabytes of HTML for a second of CPU time: of the extraction alone for the peers, of the
whole process for taoxi, which also reads, washes and writes. Where the Python package of taoxi is installed, `taoxi:python`
is timed as the peers are: its calls alone, washing included. `× time` is how much longer than taoxi an engine takes, and
`Δ F1` how much better it is.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CRATE = HERE / "html_peers" / "dom-smoothie"
SCORE = re.compile(r"^(\S+)\s+n=\s*(\d+)\s+F1=([\d.]+)\s+empty=(\d+)$")


class Skipped(Exception):
    """Why an engine has no row."""


def cpu() -> float:
    """CPU seconds of the children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run(command: list[str], timeout: float, out: Path | None = None, good: tuple[int, ...] = (0,)) -> tuple[str, float]:
    """What a command printed (or nothing, if it goes to a file) and its CPU seconds; `good` are exit statuses."""
    before = cpu()
    try:
        with open(out, "wb") if out else tempfile.TemporaryFile() as output:
            done = subprocess.run(command, stdout=output, stderr=subprocess.PIPE, timeout=timeout, check=False)
            if not out:
                output.seek(0)
            printed = "" if out else output.read().decode()
    except subprocess.TimeoutExpired as error:
        raise Skipped(f"over {timeout:.0f} s") from error
    except OSError as error:
        raise Skipped(str(error)) from error
    if done.returncode not in good:
        raise Skipped((done.stderr.decode(errors="replace").strip().splitlines() or [f"exit {done.returncode}"])[-1])
    return printed, cpu() - before


class Bench:
    """The pages, the tools, the rows so far."""

    def __init__(self, args: argparse.Namespace, work: Path) -> None:
        self.args, self.work, self.rows = args, work, list[dict[str, Any]]()
        self.pages = work / "pages.jsonl"
        run([sys.executable, str(args.pages / "score.py"), "--jsonl", str(self.pages)], args.timeout)
        self.bytes, digest = 0, hashlib.sha256()
        with self.pages.open("rb") as lines:
            for line in lines:
                self.bytes += len(json.loads(line)["html"].encode())
                digest.update(line)
        self.digest = digest.hexdigest()

    def score(self, out: Path) -> dict[str, dict[str, float]]:
        """What the scorer says of each set."""
        printed, _ = run([sys.executable, str(self.args.pages / "score.py"), str(out)], self.args.timeout)
        found = [match.groups() for match in map(SCORE.match, printed.splitlines()) if match]
        if not found:
            raise Skipped("the scorer printed no scores")
        return {key: {"n": int(n), "f1": float(f1), "empty": int(empty)} for key, n, f1, empty in found}

    def add(self, name: str, version: str, seconds: float, out: Path, **rest: Any) -> dict[str, Any]:
        """One row."""
        row = {"engine": name, "version": version, "seconds": round(seconds, 3), "scores": self.score(out), **rest}
        self.rows.append(row)
        print(f"{name}: F1 {row['scores']['all']['f1']:.4f}, {seconds:.1f} s", file=sys.stderr)
        return row

    def wanted(self, name: str) -> bool:
        """Whether --only names this engine."""
        return not self.args.only or name in self.args.only

    def taoxi(self) -> None:
        """The program under test: the least CPU of --repeat runs."""
        program, out = self.args.taoxi, self.work / "taoxi.jsonl"
        version = run([program, "--version"], 60)[0].strip().removeprefix("taoxi").strip()
        command = [program, "clean", "--threads", "1", "--format", "ndjson", "--edits", "none", *self.args.taoxi_args]
        # Status 1: some pages failed, each with an error record.
        runs = (run([*command, str(self.pages)], self.args.timeout, out, (0, 1)) for _ in range(self.args.repeat))
        seconds = min(cpu for _, cpu in runs)
        with out.open(encoding="utf8") as lines:
            failed = sum("error" in json.loads(line) for line in lines)
        self.add("taoxi", version, seconds, out, failed=failed)

    def peer(self, name: str, version: str | None, command: list[str]) -> None:
        """One peer, run or remembered."""
        if version is None:
            raise Skipped("it is not installed")
        keep = self.args.keep or self.work
        keep.mkdir(parents=True, exist_ok=True)
        out = keep / (name.replace(":", "-") + ".jsonl")
        about = out.with_suffix(".json")
        # What is under test has the same version before and after a change.
        again = self.args.again or name.startswith("taoxi")
        if about.exists() and out.exists() and not again:
            kept = json.loads(about.read_text(encoding="utf8"))
            if kept["version"] == version and kept["pages"] == self.digest:
                self.rows.append(kept | {"kept": True})
                return
        measured = json.loads(run([*command, str(self.pages), str(out)], self.args.timeout)[0])
        row = self.add(name, version, measured["seconds"], out, failed=measured["failed"], pages=self.digest)
        about.write_text(json.dumps(row) + "\n", encoding="utf8")

    def peers(self) -> dict[str, tuple[str | None, list[str]]]:
        """Every peer with its version and command."""
        engines = [self.args.python, str(HERE / "html_peers" / "engines.py")]
        found: dict[str, tuple[str | None, list[str]]] = {}
        for name, version in json.loads(run([*engines, "--list"], 60)[0]).items():
            found[name] = (version, [*engines, name])
        target = self.args.keep or self.work
        program = target / "build" / "release" / "dom-smoothie-peer"
        lock = (CRATE / "Cargo.lock").read_text(encoding="utf8")
        version = re.search(r'name = "dom_smoothie"\nversion = "([^"]+)"', lock)
        found["dom_smoothie"] = (version[1] if version else None, [str(program)])
        if self.wanted("dom_smoothie"):
            build = ["cargo", "build", "-q", "--release", "--locked", "--manifest-path", str(CRATE / "Cargo.toml")]
            try:
                run([*build, "--target-dir", str(target / "build")], self.args.timeout)
            except Skipped as error:
                found["dom_smoothie"] = (None, [])
                print(f"dom_smoothie: cannot be built: {error}", file=sys.stderr)
        return found

    def all(self) -> None:
        """Whatever is wanted; what fails is a line."""
        engines = [("taoxi", self.taoxi)] if self.wanted("taoxi") else []
        for name, (version, command) in self.peers().items():
            if self.wanted(name):
                engines.append((name, lambda name=name, v=version, c=command: self.peer(name, v, c)))
        for name, engine in engines:
            try:
                engine()
            except Skipped as error:
                print(f"{name}: skipped: {error}", file=sys.stderr)


def table(rows: list[dict[str, Any]], size: int) -> str:
    """All rows under one head, in columns."""
    sets = [key for key in sorted(rows[0]["scores"]) if ":" not in key and key != "all"]
    base = next((row for row in rows if row["engine"] == "taoxi"), None)
    lines = [["engine", "version", "all", *sets, "empty", "failed", "MB/s", "× time", "Δ F1"]]
    for row in rows:
        scores = row["scores"]
        cells = [row["engine"], row["version"], *(f"{scores[key]['f1']:.4f}" for key in ["all", *sets])]
        cells += [str(scores["all"]["empty"]), str(row.get("failed", 0))]
        cells += [f"{size / 1e6 / row['seconds']:.2f}" + ("*" if row.get("kept") else "")]
        ratio = row["seconds"] / base["seconds"] if base else None
        better = scores["all"]["f1"] - base["scores"]["all"]["f1"] if base else None
        cells += [f"{ratio:.2f}" if ratio is not None else "–", f"{better:+.4f}" if better is not None else "–"]
        lines.append(cells)
    widths = [max(3, *(len(line[column]) for line in lines)) for column in range(len(lines[0]))]
    lines.insert(1, ["-" * width if column < 2 else "-" * (width - 1) + ":" for column, width in enumerate(widths)])
    shown = []
    for line in lines:
        cells = (c.ljust(w) if i < 2 else c.rjust(w) for i, (c, w) in enumerate(zip(line, widths, strict=True)))
        shown.append("| " + " | ".join(cells) + " |")
    return "\n".join(shown)


def by_type(rows: list[dict[str, Any]]) -> str:
    """F1 by set and type of page, a line for each."""
    keys = [key for key in sorted(rows[0]["scores"]) if ":" in key]
    head = f"{'':32}{'n':>6}" + "".join(f"{row['engine'][:17]:>19}" for row in rows)
    lines = [head]
    for key in keys:
        scores = "".join(f"{row['scores'][key]['f1']:>19.4f}" for row in rows)
        lines.append(f"{key:32}{rows[0]['scores'][key]['n']:>6}{scores}")
    return "\n".join(lines)


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", type=Path, metavar="DIR", help="folder with pages.jsonl.xz and score.py")
    parser.add_argument("--taoxi", default=str(ROOT / "target" / "release" / "taoxi"), help="the program under test")
    parser.add_argument("--taoxi-args", type=str.split, default=[], help="more arguments for taoxi clean")
    parser.add_argument("--python", default=sys.executable, help="the Python that has the peers installed")
    parser.add_argument("--only", type=lambda names: names.split(","), default=[], metavar="NAME,...")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="remember the peers' answers here")
    parser.add_argument("--again", action="store_true", help="run the peers although their answers are remembered")
    parser.add_argument("--repeat", type=int, default=3, help="run taoxi so often and keep the least CPU")
    parser.add_argument("--json", type=Path, help="write the rows here too")
    parser.add_argument("--timeout", type=float, default=3600, help="seconds after which a run is ended")
    return parser.parse_args()


def main() -> None:
    """Runs what is wanted and prints the table."""
    args = arguments()
    missing = [name for name in ("score.py", "pages.jsonl.xz") if not (args.pages / name).exists()]
    if missing:
        print(f"html_peers: skipped: {args.pages} has no {' and no '.join(missing)}", file=sys.stderr)
        return
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="html-peers-") as folder:
        bench = Bench(args, Path(folder))
        bench.all()
    if not bench.rows:
        sys.exit("no engine ran")
    print(table(bench.rows, bench.bytes))
    print(f"\n{bench.bytes / 1e6:.0f} MB of HTML; * remembered from an earlier run; {time.monotonic() - start:.0f} s\n")
    print(by_type(bench.rows))
    if args.json:
        args.json.write_text(json.dumps(bench.rows, ensure_ascii=False, indent=1) + "\n", encoding="utf8")


if __name__ == "__main__":
    main()
