"""text-dedup's MinHash, made anew in numpy step by step as its `minhash.py` does it, without its data-set machinery.

published  n-gram 5 over the pieces between non-word characters (`\\W`), lower case, SHA-1's first 32 bits, affine
           permutations modulo 2^61-1, num_perm 256, threshold 0.7, bands and rows by the optimum with equal weights,
           texts of fewer than 5 pieces left out, buckets joined without a check (ChenghaoMou/text-dedup; the numbers
           are those of its author's "Large-scale Near-deduplication Behind BigCode"; the program's own default for
           num_perm is 250).
generous   The same numbers on character 5-grams of washed text.
tuned      What sweep.py found best on another corpus (see README.md).
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterator

import common

NON_WORD = re.compile(r"\W", re.UNICODE)
VARIANTS = {
    "published": common.Variant(
        "\\W pieces, 5-grams, 256 perms, threshold .7",
        params={"cut": "pieces", "n": 5, "num_perm": 256, "threshold": 0.7, "min_length": 5},
    ),
    "generous": common.Variant(
        "washed, char 5-grams, 256 perms, threshold .7",
        True,
        {"cut": "chars", "n": 5, "num_perm": 256, "threshold": 0.7, "min_length": 5},
    ),
    "tuned": common.Variant(
        "washed, letters only, char 4-grams, 256 perms, threshold .5",
        True,
        {"cut": "letters", "n": 4, "num_perm": 256, "threshold": 0.5, "min_length": 5},
    ),
}


def pieces(text: str, cut: str, n: int, min_length: int) -> set[bytes]:
    """The shingles of a text; none when it is too short."""
    if cut == "pieces":
        words = NON_WORD.split(text.lower())
        return {gram.encode() for gram in common.word_grams(words, n)} if len(words) >= min_length else set()
    return {gram.encode() for gram in common.tokens(text, cut, n)}


def find(
    texts: list[str], cut: str, n: int, num_perm: int, threshold: float, min_length: int
) -> Iterator[tuple[int, int]]:
    """Pairs each member of a band's bucket with the bucket's first."""
    import numpy as np
    from datasketch.lsh import _optimal_param  # the very function that text-dedup copied

    bands, rows = _optimal_param(threshold, num_perm, 0.5, 0.5)
    prime, top = np.uint64((1 << 61) - 1), np.uint64((1 << 32) - 1)
    random = np.random.RandomState(42)
    a = random.randint(1, prime, size=num_perm, dtype=np.uint64)
    b = random.randint(0, prime, size=num_perm, dtype=np.uint64)
    tables: list[dict[bytes, list[int]]] = [defaultdict(list) for _ in range(bands)]
    for position, text in enumerate(texts):
        grams = pieces(text, cut, n, min_length)
        if not grams:
            continue
        digests = b"".join(hashlib.sha1(gram, usedforsecurity=False).digest()[:4] for gram in grams)
        hashes = np.frombuffer(digests, dtype="<u4").astype(np.uint64)
        signature = np.full(num_perm, top, dtype=np.uint64)
        for start in range(0, len(hashes), 4096):
            part = hashes[start : start + 4096, None]
            signature = np.minimum(signature, ((part * a + b) % prime & top).min(axis=0))
        for band, table in enumerate(tables):
            table[signature[band * rows : (band + 1) * rows].tobytes()].append(position)
    for table in tables:
        for members in table.values():
            yield from common.star_pairs(members)


if __name__ == "__main__":
    common.main(
        "text-dedup-minhash",
        "datasketch",
        VARIANTS,
        find,
        version=lambda: common.version_of("datasketch") and "as 0.4.0",
    )
