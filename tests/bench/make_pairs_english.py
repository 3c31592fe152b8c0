#!/usr/bin/env python3
"""The corpus maker for bases with English in them: its edits, read for both scripts.

    make_pairs_english.py --base base-mixed.jsonl.gz --out DIR [--seed 7] [--limit N] [--maker PATH]

The corpus maker's edits change Han words. On an English text three of its copies are then no changes at all, single
Han signs get into English words, and its quotations, which should be a rewritten host with one borrowed passage, are
the host itself with its lines shuffled: a copy that its truth calls none. This script runs the same maker with four of
its parts exchanged, so that all else, the form of the output included, stays the same:

    edits     a word is dropped, exchanged or doubled with another as a Han character is; signs stay
    spun      words of three letters and more are exchanged like pairs of Han characters
    half      also straightens quotation marks and dashes and joins the lines of a paragraph
    AD_TAIL   English advertisements besides the Chinese ones (AD_HEAD too)
"""

from __future__ import annotations

import argparse
import gzip
import importlib.util
import json
import random
import re
import sys
import unicodedata
from pathlib import Path
from types import ModuleType

UNIT = re.compile(r"[A-Za-z]+|[\u4e00-\u9fff]|.", re.DOTALL)
WORDS = re.compile(r"[\u4e00-\u9fff]{2}|[A-Za-z]{3,}")
STRAIGHT = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "—": "-", "–": "-", "…": "..."})
TAILS = [
    "Share this:\nTwitter Facebook LinkedIn Email\nLeave a comment (0)\nRelated posts\nPrevious article | Next article\n"
    "Subscribe to our newsletter\nPrivacy policy | Terms of use | Contact\n",
    "You have reached the end of the free preview. Sign up to read the full document.\nUploaded by user0000 on 1 January "
    "2022\n0% found this useful (0 votes)\nDownload as DOC, PDF, TXT or read online\nYou might also like\n",
    "Read more...\nPosted in: Uncategorized\nTags: none\n5 min read | 0 views\nCopyright 2022 Example Media.\nBack to top\n",
]
HEADS = [
    "Home > Documents > Article\n",
    "Skip to main content\nMenu Search Log in Register\nDocument 0000000 - uploaded 2022-01-01 - 5 pages - 33.50 KB\n",
]


def load(path: Path) -> ModuleType:
    """The corpus maker as a module."""
    spec = importlib.util.spec_from_file_location("maker", path)
    if spec is None or spec.loader is None:
        sys.exit(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def english_words(base: Path) -> list[str]:
    """The English words of the first texts, in order."""
    found: set[str] = set()
    with gzip.open(base, "rt", encoding="utf8") as lines:
        for number, line in enumerate(lines):
            if number == 2000:
                break
            found.update(re.findall(r"\b[a-z]{3,12}\b", json.loads(line)["text"]))
    return sorted(found)


def exchange(maker: ModuleType, english: list[str]) -> None:
    """Puts the parts for both scripts in place of the maker's."""
    maker_half = maker.half

    def another(rand: random.Random, unit: str, vocab: list[str]) -> str:
        return rand.choice(english) if unit[0].isascii() else rand.choice(vocab)[0]

    def edits(rand: random.Random, text: str, share: float, vocab: list[str]) -> str:
        out = []
        for unit in UNIT.findall(text):
            if not unit[0].isalpha():
                out.append(unit)
                continue
            chance = rand.random()
            if chance < share / 3:
                continue
            out.append(another(rand, unit, vocab) if chance < 2 * share / 3 else unit)
            if chance > 1 - share / 3:
                out.append((" " if unit[0].isascii() else "") + another(rand, unit, vocab))
        return "".join(out)

    def spun(rand: random.Random, text: str, vocab: list[str], share: float = 0.15) -> str:
        def other(found: re.Match[str]) -> str:
            if rand.random() >= share:
                return found[0]
            return rand.choice(english if found[0].isascii() else vocab)

        return WORDS.sub(other, text)

    def half(text: str) -> str:
        text = unicodedata.normalize("NFC", text).translate(STRAIGHT)
        return str(maker_half(re.sub(r"(?<=[a-z,])\n(?=[a-z])", " ", text)))

    maker.edits, maker.spun, maker.half = edits, spun, half  # type: ignore[attr-defined]
    maker.AD_TAIL.extend(TAILS)
    maker.AD_HEAD.extend(HEADS)


def main() -> None:
    """Runs the maker with its parts exchanged; all its other arguments pass through."""
    default = Path(__file__).resolve().parents[3] / "shared" / "bench" / "dedup" / "make_corpus.py"
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--maker", type=Path, default=default)
    args, rest = parser.parse_known_args()
    maker = load(args.maker)
    exchange(maker, english_words(args.base))
    sys.argv = [str(args.maker), "--base", str(args.base), *rest]
    maker.main()


if __name__ == "__main__":
    main()
