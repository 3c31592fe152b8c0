#!/usr/bin/env python3
"""Times faiss's binary indexes as the search peer: all 64-bit codes within Hamming distance 3, one thread.

    hamming.py [--codes 1000000,10000000] [--queries 2000] [--seed 7] [--index NAME,...] [--json FILE]

The codes are random. Half of the queries are codes of the collection with 0 to 3 bits turned over, so that there is
something to find; half are random. Each index is built and searched in a process of its own: bytes per code are the
growth of its resident memory (the input itself is not counted), recall is against IndexBinaryFlat on the first
--exact queries. Time per query is the quickest of three passes over all queries (one pass for the exhaustive index,
over the first --exact).

    flat          IndexBinaryFlat: every code is looked at
    multihash4    IndexBinaryMultiHash, 4 tables of 16 bits: exact for radius 3
    multihash2    IndexBinaryMultiHash, 2 tables of 32 bits, nflip 1: exact as well, fewer candidates, more memory
    multihash3    IndexBinaryMultiHash, 3 tables of 21 bits, nflip 1: exact as well (63 of the 64 bits are keys)
    hash          IndexBinaryHash on the first 24 bits, nflip 3: exact as well
    hash1         the same with nflip 1: quicker, not exact
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

RADIUS = 3
INDEXES = ("flat", "multihash4", "multihash3", "multihash2", "hash", "hash1")


def make_index(name: str) -> Any:
    """An empty index."""
    import faiss

    if name == "flat":
        return faiss.IndexBinaryFlat(64)
    if name.startswith("multihash"):
        tables = int(name[-1])
        index: Any = faiss.IndexBinaryMultiHash(64, tables, {4: 16, 3: 21, 2: 32}[tables])
        index.nflip = 0 if tables == 4 else 1
        return index
    index = faiss.IndexBinaryHash(64, 24)
    index.nflip = 1 if name == "hash1" else 3
    return index


def resident() -> int:
    """The resident memory of this process in bytes."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def data(count: int, queries: int, seed: int) -> tuple[Any, Any]:
    """The codes and the queries as rows of eight bytes."""
    import numpy as np

    random = np.random.default_rng(seed)
    codes = random.integers(0, 2**64, size=count, dtype=np.uint64)
    asked = random.integers(0, 2**64, size=queries, dtype=np.uint64)
    for row in range(queries // 2):
        bits = random.choice(64, size=row % (RADIUS + 1), replace=False)
        asked[row] = codes[random.integers(count)] ^ np.uint64(sum(1 << int(bit) for bit in bits))
    asked = random.permutation(asked)
    return codes.view(np.uint8).reshape(-1, 8), asked.view(np.uint8).reshape(-1, 8)


def search(index: Any, asked: Any) -> tuple[float, list[frozenset[int]]]:
    """Seconds, and what was found for each query."""
    start = time.perf_counter()
    limits, _, found = index.range_search(asked, RADIUS + 1)
    seconds = time.perf_counter() - start
    rows = zip(limits[:-1], limits[1:])
    return seconds, [frozenset(found[low:high].tolist()) for low, high in rows]


def one(name: str, count: int, queries: int, exact: int, seed: int) -> dict[str, Any]:
    """Builds one index and measures it."""
    import faiss

    faiss.omp_set_num_threads(1)
    codes, asked = data(count, queries, seed)
    if name == "flat":
        asked = asked[:exact]
    before, start = resident(), time.perf_counter()
    index = make_index(name)
    index.add(codes)
    built, grown = time.perf_counter() - start, resident() - before
    search(index, asked[:10])
    passes = [search(index, asked) for _ in range(1 if name == "flat" else 3)]
    return {
        "index": name,
        "codes": count,
        "build_seconds": round(built, 2),
        "bytes_per_code": round(grown / count, 1),
        "microseconds_per_query": round(min(seconds for seconds, _ in passes) / len(asked) * 1e6, 2),
        "found": [sorted(hits) for hits in passes[0][1][:exact]],
    }


def main() -> None:
    """Runs every index in its own process and prints a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--codes", default="1000000,10000000", help="sizes of the collection")
    parser.add_argument("--queries", type=int, default=2000)
    parser.add_argument("--exact", type=int, default=200, help="queries for the exhaustive index, and for recall")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--index", default=",".join(INDEXES), help="which of: " + ", ".join(INDEXES))
    parser.add_argument("--json", type=Path)
    parser.add_argument("--one", nargs=2, metavar=("NAME", "COUNT"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        print(json.dumps(one(args.one[0], int(args.one[1]), args.queries, args.exact, args.seed)))
        return
    rows = []
    names = ["flat", *(name for name in args.index.split(",") if name != "flat")]
    print("| codes    | index      | µs per query | bytes per code | build s | recall |")
    print("| -------: | ---------- | -----------: | -------------: | ------: | -----: |")
    for count in map(int, args.codes.split(",")):
        truth: list[set[int]] = []
        for name in names:
            command = [sys.executable, __file__, "--one", name, str(count), "--queries", str(args.queries)]
            command += ["--exact", str(args.exact), "--seed", str(args.seed)]
            row = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            found = [set(hits) for hits in row.pop("found")]
            truth = found if name == "flat" else truth
            row["recall"] = sum(len(a & b) for a, b in zip(truth, found)) / max(1, sum(map(len, truth)))
            rows.append(row)
            print(
                f"| {count:8} | {name:10} | {row['microseconds_per_query']:12.2f} | {row['bytes_per_code']:14.1f} "
                f"| {row['build_seconds']:7.1f} | {row['recall']:6.4f} |",
                flush=True,
            )
    if args.json:
        args.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf8")


if __name__ == "__main__":
    main()
