#!/usr/bin/env python3
"""Tries an engine's parameters on a corpus and prints every combination's score, best F1 last.

    sweep.py --corpus DIR --engine FILE --variant NAME KEY=V1,V2,... [KEY=...]

This is how the `tuned` variants of the peers were found: on a corpus of another seed than the one they are measured
on. --washed FILE is the corpus as `taoxi clean` leaves it (peers.py --keep-washed FILE writes one).
"""

from __future__ import annotations

import argparse
import itertools
import json
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> None:
    """Runs every combination, then sorts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True, help="folder with corpus.jsonl and truth.jsonl")
    parser.add_argument("--washed", type=Path, help="the same texts, washed")
    parser.add_argument("--engine", required=True, help="a file of peers/, without .py")
    parser.add_argument("--variant", default="tuned")
    parser.add_argument("--scorer", type=Path, default=HERE.parents[2] / "shared" / "bench" / "dedup" / "score.py")
    parser.add_argument("grid", nargs="+", metavar="KEY=V1,V2,...")
    args = parser.parse_args()
    keys = [part.partition("=")[0] for part in args.grid]
    values = [part.partition("=")[2].split(",") for part in args.grid]
    corpus = args.washed or args.corpus / "corpus.jsonl"
    results = []
    with tempfile.TemporaryDirectory(prefix="sweep-") as out:
        for chosen in itertools.product(*values):
            changes = [f"{key}={value}" for key, value in zip(keys, chosen, strict=True)]
            command = [sys.executable, str(HERE / "peers" / f"{args.engine}.py"), "--corpus", str(corpus)]
            command += ["--variant", args.variant, "--out", out]
            subprocess.run([*command, *(x for c in changes for x in ("--set", c))], check=True, capture_output=True)
            documents = str(Path(out) / "documents.ndjson")
            command = [sys.executable, str(args.scorer), str(args.corpus / "truth.jsonl"), documents]
            score = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            results.append((score["f1"], score["precision"], score["recall"], " ".join(changes)))
            print("F1 {:.4f} P {:.4f} R {:.4f}  {}".format(*results[-1]), flush=True)
    print("\nbest: F1 {:.4f} P {:.4f} R {:.4f}  {}".format(*max(results)))


if __name__ == "__main__":
    main()
