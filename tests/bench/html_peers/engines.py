#!/usr/bin/env python3
"""Runs one Python extractor over a file of pages, one thread.

    engines.py --list                       which engines there are, and the version of each or null (JSON)
    engines.py NAME PAGES.jsonl OUT.jsonl   PAGES: lines {id, url, html}; OUT: lines {id, text}; prints {"seconds", "failed"}

An engine is a function from a page's HTML and URL to the text of its main content. `seconds` is the CPU time of these
calls alone, without reading and writing JSON. A page on which an engine raises, or takes longer than a minute, comes
out empty and counts as failed.
"""

from __future__ import annotations

import importlib.metadata
import json
import signal
import sys
import time
from collections.abc import Callable
from typing import Any

Extract = Callable[[str, str | None], str | None]
PAGE_SECONDS = 60


def plain(html: str) -> str:
    """The whole text of a piece of HTML, for engines that answer in HTML."""
    from resiliparse.extract.html2text import extract_plain_text

    return str(extract_plain_text(html, main_content=False))


def taoxi() -> Extract:
    """Its Python package: the page read, its content chosen and washed, and the record made."""
    from taoxi import Cleaner

    cleaner = Cleaner(edits="none")
    return lambda html, url: str(cleaner.clean(html, url=url, media_type="html").text)


def trafilatura() -> Extract:
    """Its documented call."""
    from trafilatura import extract

    return lambda html, url: extract(html, url=url)


def trafilatura_recall() -> Extract:
    """With its own preset for more text."""
    from trafilatura import extract

    return lambda html, url: extract(html, url=url, favor_recall=True)


def resiliparse() -> Extract:
    """Its main content extraction."""
    from resiliparse.extract.html2text import extract_plain_text

    return lambda html, _: str(extract_plain_text(html, main_content=True))


def magic_html() -> Extract:
    """Its general extractor; its HTML is turned into text by `plain`."""
    from magic_html import GeneralExtractor

    extractor = GeneralExtractor()
    return lambda html, url: plain(extractor.extract(html, base_url=url or "")["html"])


def readability() -> Extract:
    """The summary of readability-lxml; its HTML is turned into text by `plain`."""
    from readability import Document

    return lambda html, url: plain(Document(html, url=url).summary())


ENGINES: dict[str, tuple[str, Callable[[], Extract]]] = {
    "taoxi:python": ("taoxi", taoxi),
    "trafilatura": ("trafilatura", trafilatura),
    "trafilatura:recall": ("trafilatura", trafilatura_recall),
    "resiliparse": ("resiliparse", resiliparse),
    "magic-html": ("magic-html", magic_html),
    "readability-lxml": ("readability-lxml", readability),
}


def version(package: str) -> str | None:
    """The installed version of a package."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


class TooLong(Exception):
    """A page took longer than a minute."""


def ring(*_: Any) -> None:
    """The alarm clock."""
    raise TooLong


def run(name: str, pages: str, out: str) -> dict[str, Any]:
    """Every page through one engine."""
    extract = ENGINES[name][1]()
    signal.signal(signal.SIGALRM, ring)
    seconds, failed = 0.0, 0
    with open(pages, encoding="utf8") as lines, open(out, "w", encoding="utf8") as output:
        for line in lines:
            page = json.loads(line)
            start = time.process_time()
            signal.alarm(PAGE_SECONDS)
            try:
                text = extract(page["html"], page["url"] or None) or ""
            except Exception as error:  # whatever an engine does wrong, the next page is another matter
                text = ""
                failed += 1
                print(f"{page['id']}: {type(error).__name__}: {error}"[:200], file=sys.stderr)
            finally:
                signal.alarm(0)
            seconds += time.process_time() - start
            output.write(json.dumps({"id": page["id"], "text": text}, ensure_ascii=False) + "\n")
    return {"seconds": round(seconds, 3), "failed": failed}


def main() -> None:
    """The command line."""
    if sys.argv[1:] == ["--list"]:
        print(json.dumps({name: version(package) for name, (package, _) in ENGINES.items()}))
    elif len(sys.argv) == 4 and sys.argv[1] in ENGINES:
        print(json.dumps(run(*sys.argv[1:])))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
