"""Exact duplicates: the floor of every measure, and what Python's reading and writing alone cost.

Settings: MD5 of the whole text, as text-dedup's exact_hash does by default (`hash_func: md5`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import common

VARIANTS = {"published": common.Variant("MD5 of the text"), "washed": common.Variant("MD5 of the washed text", True)}


def find(texts: list[str]) -> Iterator[tuple[int, int]]:
    """Pairs each text with the first one that is equal."""
    first: dict[bytes, int] = {}
    for position, text in enumerate(texts):
        key = hashlib.md5(text.encode(), usedforsecurity=False).digest()
        if first.setdefault(key, position) != position:
            yield first[key], position


if __name__ == "__main__":
    common.main("exact", None, VARIANTS, find)
