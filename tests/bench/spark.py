#!/usr/bin/env python3
"""Holds `python -m taoxi.spark dedupe` against `taoxi dedupe` on one corpus: the same results, and what each document costs.

    spark.py --corpus DIR [--taoxi PATH] [--python PATH] [--files 8] [--cores 2] [--memory 3g] [--json FILE]

DIR holds corpus.jsonl, as the corpus maker writes it. Its lines are divided among so many files, in their order, because a task of Spark reads
one file. Both programs get the folder of these and so many cores. PYTHON is one with taoxi and pyspark in it.

Measured for each: wall seconds, and CPU seconds and the most memory of all its processes, looked at twice a second. The result
files must be the same bytes, those of Spark joined in the order of their names.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


def divide(corpus: Path, folder: Path, files: int) -> int:
    """Divides lines among files; gives how many there are."""
    size = corpus.stat().st_size
    count = 0
    with corpus.open("rb") as lines:
        for number in range(files):
            with (folder / f"{number:04}.jsonl").open("wb") as out:
                while lines.tell() < size * (number + 1) / files:
                    out.write(lines.readline())
                    count += 1
    return count


def processes(session: int) -> dict[int, tuple[float, int]]:
    """CPU seconds and bytes of memory of all processes of a session."""
    found = {}
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            fields = (path / "stat").read_text().rpartition(")")[2].split()
            if int(fields[3]) == session:
                found[int(path.name)] = ((int(fields[11]) + int(fields[12])) / TICK, int(fields[21]) * PAGE)
    return found


def measured(command: list[str], env: dict[str, str] | None = None) -> dict[str, float]:
    """Runs a command in a session of its own."""
    began = time.monotonic()
    run = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)
    cpu: dict[int, float] = {}
    memory = 0
    with tempfile.TemporaryFile() as said:
        # What it says goes to a file: a full pipe would stop it.
        drain = subprocess.Popen(["cat"], stdin=run.stderr, stdout=said)
        while run.poll() is None:
            there = processes(run.pid)
            cpu.update({pid: seconds for pid, (seconds, _) in there.items()})
            memory = max(memory, sum(size for _, size in there.values()))
            time.sleep(0.1 if time.monotonic() - began < 20 else 0.5)
        drain.wait()
        if run.returncode != 0:
            said.seek(0)
            sys.exit(said.read().decode(errors="replace")[-4000:])
    return {"seconds": time.monotonic() - began, "cpu": sum(cpu.values()), "memory": memory}


def same(folder: Path, want: Path) -> bool:
    """Whether the part files of a folder hold what a file does."""
    parts = sorted(folder.glob("part-*"))
    with want.open("rb") as lines:
        for part in parts:
            with part.open("rb") as mine:
                while block := mine.read(1 << 20):
                    if lines.read(len(block)) != block:
                        return False
        return not lines.read(1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--taoxi", default="target/release/taoxi")
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--files", type=int, default=8)
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--memory", default="3g", help="of the one process that is driver and executor")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.corpus) as made:
        folder = Path(made) / "in"
        folder.mkdir()
        documents = divide(given.corpus / "corpus.jsonl", folder, given.files)
        one, many = Path(made) / "one", Path(made) / "many"
        figures = {
            "taoxi": measured([given.taoxi, "dedupe", str(folder), "--out", str(one), "--threads", str(given.cores)])
        }
        submit = (
            f"--driver-memory {given.memory} --conf spark.ui.enabled=false --conf spark.local.dir={made} pyspark-shell"
        )
        env = {
            **os.environ,
            "PYSPARK_SUBMIT_ARGS": submit,
            "SPARK_LOCAL_IP": "127.0.0.1",
            "PYSPARK_PYTHON": given.python,
        }
        command = [given.python, "-m", "taoxi.spark", "dedupe", str(folder), str(many)]
        figures["spark"] = measured([*command, "--master", f"local[{given.cores}]"], env)
        told = {name: same(many / name, one / f"{name}.ndjson") for name in ("documents", "relations", "kept")}
        told["summary"] = (many / "summary.json").read_bytes() == (one / "summary.json").read_bytes()
        run = json.loads((many / "run.json").read_text())
    print(f"{documents} documents, {given.cores} cores; the same: {told}")
    for name, it in figures.items():
        per = it["cpu"] / documents * 1000
        print(
            f"{name:6} {it['seconds']:7.1f} s, {it['cpu']:7.1f} s of CPU, {per:.3f} ms of CPU a document, {it['memory'] / 1e6:.0f} MB"
        )
    print(
        f"ratio  {figures['spark']['seconds'] / figures['taoxi']['seconds']:.1f} in time, "
        f"{figures['spark']['cpu'] / figures['taoxi']['cpu']:.1f} in CPU"
    )
    print(f"rows between the steps: {run['scratch_bytes'] / documents / 1000:.1f} kB a document; steps {run['stages']}")
    if given.json:
        given.json.write_text(json.dumps({"documents": documents, "same": told, "figures": figures, "run": run}))
    if not all(told.values()):
        sys.exit("the results differ")


if __name__ == "__main__":
    main()
