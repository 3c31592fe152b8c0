"""What every engine of the benchmark shares: reading, cutting into grams, joining pairs into clusters, writing.

An engine is a small file beside this one. It names its variants and gives one function, `find`, that takes the texts
and the variant's parameters and yields pairs of positions that it holds for copies; `main` here does the rest:

    ENGINE.py --list                                     what it is, its version, its variants (JSON)
    ENGINE.py --prepare                                  whatever must be built first (not timed)
    ENGINE.py --corpus FILE --out DIR --variant NAME     reads FILE (id, text), writes DIR/documents.ndjson
              [--set KEY=VALUE ...]                      with other parameters than the variant's
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import re
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Pairs = Iterable[tuple[int, int]]
# Signs that are a unit each: Thai, Han and the other signs of East Asia.
SINGLE = "\u0e00-\u0e7f\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
UNIT = re.compile(rf"[{SINGLE}]|[^\W\d_{SINGLE}]+")
PLACEHOLDER = re.compile(r"(?<![a-z])x+(?![a-z])|某")


@dataclass(frozen=True)
class Variant:
    """One way to run an engine: what its settings are called, and their values."""

    settings: str
    washed: bool = False
    params: dict[str, Any] = field(default_factory=dict)


class UnionFind:
    """Disjoint sets over 0..n, with path halving; the root of a set is its smallest member."""

    def __init__(self, size: int) -> None:
        self.parent = list(range(size))

    def find(self, item: int) -> int:
        """The root of the set of `item`."""
        parent = self.parent
        while parent[item] != item:
            parent[item] = parent[parent[item]]
            item = parent[item]
        return item

    def union(self, one: int, other: int) -> None:
        """Joins the sets of both."""
        one, other = self.find(one), self.find(other)
        if one != other:
            self.parent[max(one, other)] = min(one, other)


def fold(text: str) -> str:
    """Lower case and half width, without placeholders."""
    return PLACEHOLDER.sub("", unicodedata.normalize("NFKC", text).lower())


def letters(text: str) -> str:
    """The folded text's letters: no punctuation, no spaces, no digits."""
    return "".join(filter(str.isalpha, fold(text)))


def units(text: str) -> list[str]:
    """The folded text's Han characters and words, as the program under test cuts: no punctuation, no digits."""
    return [unit for unit in UNIT.findall(fold(text)) if unit.isalpha()]


def squeeze(text: str) -> str:
    """Lower case without white space."""
    return "".join(text.lower().split())


def char_grams(text: str, n: int) -> list[str]:
    """Every run of n characters; the whole text when it is shorter."""
    return [text[i : i + n] for i in range(len(text) - n + 1)] or ([text] if text else [])


def word_grams(words: list[str], n: int) -> list[str]:
    """Every run of n words, joined by a space; all the words when there are fewer."""
    if n == 1:
        return words
    return [" ".join(words[i : i + n]) for i in range(len(words) - n + 1)] or ([" ".join(words)] if words else [])


def tokens(text: str, cut: str, n: int) -> list[str]:
    """Cuts a text: `words` at white space, `chars` without white space, `letters` only, `units` (see above)."""
    if cut == "words":
        return word_grams(text.split(), n)
    if cut == "chars":
        return char_grams(squeeze(text), n)
    if cut == "letters":
        return char_grams(letters(text), n)
    if cut == "units":
        return word_grams(units(text), n)
    raise ValueError(f"no way of cutting is called {cut!r}")


def star_pairs(members: Iterable[int]) -> Iterator[tuple[int, int]]:
    """A bucket of copies as pairs with its first member: for a union-find this is as good as all pairs."""
    members = iter(members)
    first = next(members, None)
    for other in members:
        assert first is not None
        yield first, other


def read_corpus(path: Path) -> tuple[list[str], list[str]]:
    """The ids and the texts of a JSONL file."""
    ids, texts = [], []
    with path.open(encoding="utf8") as lines:
        for line in lines:
            record = json.loads(line)
            ids.append(record["id"])
            texts.append(record["text"])
    return ids, texts


def write_documents(out: Path, ids: list[str], pairs: Pairs) -> int:
    """Joins the pairs and writes a line per document with the id of its cluster's first member; counts the pairs."""
    sets, count = UnionFind(len(ids)), 0
    for one, other in pairs:
        sets.union(one, other)
        count += 1
    out.mkdir(parents=True, exist_ok=True)
    with (out / "documents.ndjson").open("w", encoding="utf8") as lines:
        for position, name in enumerate(ids):
            lines.write(json.dumps({"id": name, "cluster": ids[sets.find(position)]}, ensure_ascii=False) + "\n")
    return count


def version_of(package: str | None) -> str | None:
    """The version of an installed package; Python's own for an engine that needs none."""
    if package is None:
        return f"Python {sys.version.split()[0]}"
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def override(params: dict[str, Any], changes: list[str]) -> dict[str, Any]:
    """The parameters with KEY=VALUE laid over them, each value in the type of the one it replaces."""
    params = dict(params)
    for change in changes:
        key, _, value = change.partition("=")
        if key not in params:
            raise SystemExit(f"no parameter {key!r}; there are: {', '.join(params)}")
        kind = type(params[key])
        params[key] = value in ("1", "true", "True") if kind is bool else kind(value)
    return params


def main(
    engine: str,
    package: str | None,
    variants: dict[str, Variant],
    find: Callable[..., Pairs],
    prepare: Callable[[], None] | None = None,
    version: Callable[[], str | None] | None = None,
) -> None:
    """The command line of an engine (see the head of this file)."""
    parser = argparse.ArgumentParser(description=f"{engine} as an engine of the near-duplicate benchmark")
    parser.add_argument("--list", action="store_true", help="say what this engine is (JSON)")
    parser.add_argument("--prepare", action="store_true", help="build what must be built")
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--variant", default=next(iter(variants)), choices=list(variants))
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    args = parser.parse_args()
    if args.list:
        named = version() if version else version_of(package)
        shown = [{"name": k, "settings": v.settings, "washed": v.washed} for k, v in variants.items()]
        print(json.dumps({"engine": engine, "package": package, "version": named, "variants": shown}))
        return
    if args.prepare:
        if prepare:
            prepare()
        return
    if args.corpus is None or args.out is None:
        parser.error("--corpus and --out are needed")
    ids, texts = read_corpus(args.corpus)
    params = override(variants[args.variant].params, args.set)
    print(write_documents(args.out, ids, find(texts, **params)), "pairs")
