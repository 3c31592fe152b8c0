"""rensa: R-MinHash in Rust, with its own LSH index.

published  The README's deduplication with LSH: `text.split()` as tokens, num_perm 128, 16 bands, LSH threshold 0.8 and
           a final check of the estimated Jaccard at 0.85 (beowolx/rensa, README.md before 0.5,
           `deduplicate_dataset_with_lsh`; 0.5 shows the same tokens, num_perm and threshold without bands).
benchmark  The project's own benchmark: lower-cased word 3-grams, num_perm 128, 8 bands, threshold 0.8
           (beowolx/rensa, benchmarks/full_benchmark.py: DEFAULT_NUM_PERM, DEFAULT_NUM_BANDS, DEFAULT_THRESHOLD).
generous   The same numbers as `published` on character 5-grams of washed text, checked at the LSH threshold.
tuned      What sweep.py found best on another corpus (see README.md).
"""

from __future__ import annotations

from collections.abc import Iterator

import common

VARIANTS = {
    "published": common.Variant(
        "words, 128 perms, 16 bands, check .85",
        params={
            "cut": "words",
            "n": 1,
            "lower": False,
            "num_perm": 128,
            "num_bands": 16,
            "threshold": 0.8,
            "check": 0.85,
        },
    ),
    "benchmark": common.Variant(
        "word 3-grams, 128 perms, 8 bands, no check",
        params={"cut": "words", "n": 3, "lower": True, "num_perm": 128, "num_bands": 8, "threshold": 0.8, "check": 0.0},
    ),
    "generous": common.Variant(
        "washed, char 5-grams, 128 perms, 16 bands, check .8",
        True,
        {"cut": "chars", "n": 5, "lower": True, "num_perm": 128, "num_bands": 16, "threshold": 0.8, "check": 0.8},
    ),
    "tuned": common.Variant(
        "washed, letters only, char 3-grams, 256 perms, 64 bands, check .45",
        True,
        {"cut": "letters", "n": 3, "lower": True, "num_perm": 256, "num_bands": 64, "threshold": 0.4, "check": 0.45},
    ),
}


def find(
    texts: list[str], cut: str, n: int, lower: bool, num_perm: int, num_bands: int, threshold: float, check: float
) -> Iterator[tuple[int, int]]:
    """Pairs that share a band and whose estimated Jaccard is at least `check`."""
    from rensa import RMinHash, RMinHashLSH

    kept: list[int] = []

    def token_sets() -> Iterator[list[str]]:
        for position, text in enumerate(texts):
            grams = common.tokens(text.lower() if lower else text, cut, n)
            if grams:
                kept.append(position)
                yield grams

    sketches = RMinHash.from_token_sets(token_sets(), num_perm=num_perm, seed=42)
    index = RMinHashLSH(threshold=threshold, num_perm=num_perm, num_bands=num_bands)
    index.insert_many(sketches)
    for one, candidates in enumerate(index.query_all(sketches)):
        for other in candidates:
            if one < other and sketches[one].jaccard(sketches[other]) >= check:
                yield kept[one], kept[other]


if __name__ == "__main__":
    common.main("rensa", "rensa", VARIANTS, find)
