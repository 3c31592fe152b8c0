"""datasketch: MinHash and MinHashLSH in Python and numpy.

published  The documentation's example: the set of words, num_perm 128, MinHashLSH(threshold=0.5); what `query` returns
           is taken as it is (ekzhu.github.io/datasketch/lsh.html; the words are split at white space as there).
generous   The same on character 5-grams of washed text.
tuned      What sweep.py found best on another corpus, with a check of the estimated Jaccard (see README.md).
"""

from __future__ import annotations

from collections.abc import Iterator

import common

VARIANTS = {
    "published": common.Variant(
        "words, 128 perms, threshold .5",
        params={"cut": "words", "n": 1, "num_perm": 128, "threshold": 0.5, "check": 0.0},
    ),
    "generous": common.Variant(
        "washed, char 5-grams, 128 perms, threshold .5",
        True,
        {"cut": "chars", "n": 5, "num_perm": 128, "threshold": 0.5, "check": 0.0},
    ),
    "tuned": common.Variant(
        "washed, letters only, char 3-grams, 256 perms, threshold .25, check .45",
        True,
        {"cut": "letters", "n": 3, "num_perm": 256, "threshold": 0.25, "check": 0.45},
    ),
}


def find(
    texts: list[str], cut: str, n: int, num_perm: int, threshold: float, check: float
) -> Iterator[tuple[int, int]]:
    """Each text is asked for among those before it, then added."""
    from datasketch import MinHash, MinHashLSH

    index = MinHashLSH(threshold=threshold, num_perm=num_perm)
    sketches = []
    for position, text in enumerate(texts):
        sketch = MinHash(num_perm=num_perm)
        sketch.update_batch([gram.encode() for gram in set(common.tokens(text, cut, n))])
        sketches.append(sketch)
        for other in index.query(sketch):
            if not check or sketch.jaccard(sketches[other]) >= check:
                yield other, position
        index.insert(position, sketch, check_duplication=False)


if __name__ == "__main__":
    common.main("datasketch", "datasketch", VARIANTS, find)
