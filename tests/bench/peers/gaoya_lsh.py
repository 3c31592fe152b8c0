"""gaoya: MinHash LSH in Rust (its string index cuts, hashes and checks by itself).

default    The constructor's defaults: words at white space, 32-bit hashes, 20 bands of 5, Jaccard 0.75.
published  The project's notebook on removing duplicate scholarly articles: character 3- and 4-grams, 32-bit hashes,
           50 bands of 4, Jaccard 0.5 (serega/gaoya, py-gaoya/examples/deduplication_scholarly_articles_gaoya.ipynb).
generous   The same on washed text in lower case.
tuned      What sweep.py found best on another corpus (see README.md).
"""

from __future__ import annotations

from collections.abc import Iterator

import common

VARIANTS = {
    "default": common.Variant(
        "words, 20 bands of 5, threshold .75",
        params={"cut": "word", "low": 0, "high": 0, "bands": 20, "rows": 5, "threshold": 0.75},
    ),
    "published": common.Variant(
        "char 3- and 4-grams, 50 bands of 4, threshold .5",
        params={"cut": "char", "low": 3, "high": 4, "bands": 50, "rows": 4, "threshold": 0.5},
    ),
    "generous": common.Variant(
        "washed, char 3- and 4-grams, 50 bands of 4, threshold .5",
        True,
        {"cut": "char", "low": 3, "high": 4, "bands": 50, "rows": 4, "threshold": 0.5},
    ),
    "tuned": common.Variant(
        "washed, letters only, char 3-grams, 100 bands of 4, threshold .45",
        True,
        {"cut": "letters", "low": 3, "high": 3, "bands": 100, "rows": 4, "threshold": 0.45},
    ),
}


def find(
    texts: list[str], cut: str, low: int, high: int, bands: int, rows: int, threshold: float
) -> Iterator[tuple[int, int]]:
    """All texts go in by the bulk call, then each is asked for."""
    import gaoya

    index = gaoya.minhash.MinHashStringIndex(
        hash_size=32,
        jaccard_threshold=threshold,
        num_bands=bands,
        band_size=rows,
        analyzer="word" if cut == "word" else "char",
        lowercase=cut != "word",
        ngram_range=(low, high) if low else None,
        id_container="vec",
    )
    if cut == "letters":
        texts = [common.letters(text) for text in texts]
    index.par_bulk_insert_docs(list(range(len(texts))), texts)
    for one, found in enumerate(index.par_bulk_query(texts)):
        yield from ((one, other) for other in found if one < other and texts[one])


if __name__ == "__main__":
    common.main("gaoya", "gaoya", VARIANTS, find)
