"""text-dedup's SimHash, made anew in numpy as its `simhash.py` does it, without its data-set machinery.

published  The set of lower-cased character 3-grams, XXH3 of 64 bits, f = 64, bit_diff 3, 4 buckets
           (ChenghaoMou/text-dedup, SimHashArgs and configs/method/simhash.yaml). Its cutting is by characters, so
           Chinese needs no other variant; white space counts as a character there.
washed     The same on washed text.
tuned      What sweep.py found best on another corpus (see README.md).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import common

VARIANTS = {
    "published": common.Variant(
        "char 3-grams, f 64, bit_diff 3, 4 buckets", params={"cut": "all", "n": 3, "bit_diff": 3, "blocks": 4}
    ),
    "washed": common.Variant(
        "washed, char 3-grams, f 64, bit_diff 3, 4 buckets", True, {"cut": "all", "n": 3, "bit_diff": 3, "blocks": 4}
    ),
    "tuned": common.Variant(
        "washed, 2-grams of units, f 64, bit_diff 10, 11 buckets",
        True,
        {"cut": "units", "n": 2, "bit_diff": 10, "blocks": 11},
    ),
}


def codes_of(texts: list[str], cut: str, n: int) -> list[int | None]:
    """A 64-bit code for each text; none where there is no gram."""
    import numpy as np
    import xxhash

    codes: list[int | None] = []
    for text in texts:
        cut_up = common.char_grams(text, n) if cut == "all" else common.tokens(text, cut, n)
        grams = {gram.lower().encode() for gram in cut_up}
        if not grams:
            codes.append(None)
            continue
        digests = b"".join(xxhash.xxh3_64_digest(gram) for gram in grams)
        bits = np.unpackbits(np.frombuffer(digests, dtype=np.uint8).reshape(-1, 8), axis=1)
        ones = bits.sum(axis=0, dtype=np.int64)
        codes.append(int.from_bytes(np.packbits(2 * ones > len(grams)).tobytes(), "big"))
    return codes


def find(texts: list[str], cut: str, n: int, bit_diff: int, blocks: int) -> Iterator[tuple[int, int]]:
    """Pairs within the distance that share one of the blocks; with more blocks than bits that is all of them."""
    edges = [64 * i // blocks for i in range(blocks + 1)]
    parts = [(low, (1 << high - low) - 1) for low, high in zip(edges, edges[1:])]
    tables: list[dict[int, list[tuple[int, int]]]] = [defaultdict(list) for _ in parts]
    for position, code in enumerate(codes_of(texts, cut, n)):
        if code is None:
            continue
        for (shift, mask), table in zip(parts, tables):
            bucket = table[code >> shift & mask]
            for other, fellow in bucket:
                if (code ^ fellow).bit_count() <= bit_diff:
                    yield other, position
            bucket.append((position, code))


if __name__ == "__main__":
    common.main(
        "text-dedup-simhash", "xxhash", VARIANTS, find, version=lambda: common.version_of("xxhash") and "as 0.4.0"
    )
