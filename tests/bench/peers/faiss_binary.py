"""faiss's binary indexes as engines: every pair of 64-bit simhash codes within Hamming distance 3.

The codes are those of the Rust `simhash` crate over 3-grams of units of washed text (simhash-crate/, `--grams units`),
so all three indexes answer the same question as `simhash-crate:units` and differ in how they search:

flat       IndexBinaryFlat, exhaustive.
multihash  IndexBinaryMultiHash with 4 tables of 16 bits, nflip 0: the blocks of multi-index hashing (Norouzi et al.,
           CVPR 2012), exact for radius 3 (facebookresearch/faiss wiki, "Binary hashing index benchmark").
hash       IndexBinaryHash on the first 16 bits, nflip 3: exact for radius 3 as well.

`range_search` takes distances strictly below its radius, so 3 is asked for as 4. See hamming.py for the timings.
"""

from __future__ import annotations

import argparse
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import common
import simhash_crate

VARIANTS = {
    "flat": common.Variant("washed, units, IndexBinaryFlat, radius 3", True, {"index": "flat", "radius": 3}),
    "multihash": common.Variant(
        "washed, units, IndexBinaryMultiHash 4x16, radius 3", True, {"index": "multihash", "radius": 3}
    ),
    "hash": common.Variant("washed, units, IndexBinaryHash 16 nflip 3, radius 3", True, {"index": "hash", "radius": 3}),
}


def make_index(kind: str) -> Any:
    """An empty index for 64-bit codes."""
    import faiss

    if kind == "flat":
        return faiss.IndexBinaryFlat(64)
    if kind == "multihash":
        return faiss.IndexBinaryMultiHash(64, 4, 16)
    index = faiss.IndexBinaryHash(64, 16)
    index.nflip = 3
    return index


def find(codes: Any, positions: list[int], index: str, radius: int) -> Iterator[tuple[int, int]]:
    """Each code is asked for in an index of all of them."""
    searcher = make_index(index)
    searcher.add(codes)
    for start in range(0, len(positions), 4096):
        limits, _, found = searcher.range_search(codes[start : start + 4096], radius + 1)
        for row in range(len(limits) - 1):
            one = start + row
            for other in found[limits[row] : limits[row + 1]]:
                if one < other:
                    yield positions[one], positions[int(other)]


def run(corpus: Path, out: Path, index: str, radius: int) -> None:
    """Has the codes made, then searches them."""
    import numpy as np

    out.mkdir(parents=True, exist_ok=True)
    table = out / "codes.txt"
    command = [str(simhash_crate.program()), "--corpus", str(corpus), "--grams", "units", "--codes", str(table)]
    subprocess.run(command, check=True)
    lines = [line.split() for line in table.read_text(encoding="utf8").splitlines()]
    positions = [position for position, (_, code) in enumerate(lines) if code != "-"]
    codes = np.array([int(lines[position][1]) for position in positions], dtype="<u8").view(np.uint8).reshape(-1, 8)
    ids = [name for name, _ in lines]
    print(common.write_documents(out, ids, find(codes, positions, index, radius)), "pairs")


def main() -> None:
    """As in `common.main`, but the corpus goes to the program that makes the codes."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--variant", default="flat", choices=list(VARIANTS))
    parser.add_argument("--set", action="append", default=[])
    args, _ = parser.parse_known_args()
    if args.corpus and args.out:
        run(args.corpus, args.out, **common.override(VARIANTS[args.variant].params, args.set))
        return
    common.main("faiss", "faiss-cpu", VARIANTS, lambda texts: (), simhash_crate.prepare)


if __name__ == "__main__":
    main()
