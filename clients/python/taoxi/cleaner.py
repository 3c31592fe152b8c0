"""Documents washed."""

from __future__ import annotations

import functools
import os
import pickle
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Union

from . import _native
from .documents import DocumentLike, Options, Reading, document
from .records import Cleaned, Failed

Path = Union[str, "os.PathLike[str]"]

#: Documents that are washed at a time when many come.
BATCH = 256


def record(line: tuple[str, bool]) -> Cleaned | Failed:
    """The record of a line out of the native half."""
    text, failed = line
    return Failed.from_json(text) if failed else Cleaned.from_json(text)


class Cleaner:
    """Washes documents with one rule set. Safe to share between threads; Python's lock is given away while it works.

    ``rules`` is a folder of rule files laid over the shipped ones. The other options are those of ``taoxi clean``.
    """

    def __init__(
        self,
        *,
        rules: Path | None = None,
        profile: str = "zh",
        filter_lists: Sequence[Path] = (),
        without: Sequence[str] = (),
        only: Sequence[str] = (),
        encoding: str | None = None,
        edits: str = "full",
        markdown: bool = False,
    ) -> None:
        options = Options(profile, list(without), list(only), encoding, edits, markdown)
        self._made = (rules, options, tuple(filter_lists))
        self._native = _native.Cleaner(options, rules, list(filter_lists))

    def __reduce__(self) -> Any:
        # Sent to another process it is made there anew, once for all copies that come.
        return _again, (pickle.dumps(self._made),)

    @property
    def digest(self) -> str:
        """The digest of the rules in force: ``versions.rules`` of records."""
        return self._native.digest

    @property
    def profile(self) -> str:
        """The profile that documents are washed with."""
        return self._made[1].profile

    @property
    def refused(self) -> str | None:
        """What of the filter lists is not used; none where all is."""
        return self._native.refused

    def clean(self, content: DocumentLike, **fields: Any) -> Cleaned:
        """Washes a document. ``fields`` are those of a ``Document``: id, url, date, media_type, charset, meta."""
        return Cleaned.from_json(self._native.clean(_with(content, fields), True))

    def read(self, content: DocumentLike, **fields: Any) -> Cleaned:
        """Decodes a document, and renders it if it is HTML, but washes nothing."""
        return Cleaned.from_json(self._native.clean(_with(content, fields), False))

    def clean_many(self, documents: Iterable[DocumentLike], *, threads: int = 0) -> Iterator[Cleaned | Failed]:
        """Washes documents on all cores and gives their records in order.

        One that fails is a ``Failed``, and the others go on.
        """
        source = iter(documents)
        while batch := [document(item) for item in islice(source, BATCH)]:
            yield from map(record, self._native.clean_all(batch, True, threads))

    def clean_files(
        self,
        *paths: Path,
        fields: str | None = None,
        media_type: str = "auto",
        id_dup: str = "error",
        threads: int = 0,
    ) -> Iterator[Cleaned | Failed]:
        """Washes all documents in files, folders and archives: JSONL, WARC, Parquet, ZIP, tar, text and HTML,
        compressed or not.
        """
        return map(record, self._lines(paths, Reading(fields, media_type, id_dup), threads))

    def clean_files_json(
        self,
        *paths: Path,
        fields: str | None = None,
        media_type: str = "auto",
        id_dup: str = "error",
        threads: int = 0,
    ) -> Iterator[str]:
        """The same as lines of JSON, as ``taoxi clean --format ndjson`` prints them, without making objects of them."""
        return (text for text, _ in self._lines(paths, Reading(fields, media_type, id_dup), threads))

    def _lines(self, paths: tuple[Path, ...], reading: Reading, threads: int) -> Iterator[tuple[str, bool]]:
        return self._native.clean_files(list(paths), reading, True, threads)


def _with(content: DocumentLike, fields: dict[str, Any]) -> Any:
    import dataclasses

    made = document(content)
    return dataclasses.replace(made, **fields) if fields else made


@functools.lru_cache(maxsize=16)
def _again(made: bytes) -> Cleaner:
    rules, options, filter_lists = pickle.loads(made)
    return Cleaner(
        rules=rules,
        profile=options.profile,
        filter_lists=filter_lists,
        without=options.without,
        only=options.only,
        encoding=options.encoding,
        edits=options.edits,
        markdown=options.markdown,
    )


@functools.lru_cache(maxsize=16)
def shared(profile: str, edits: str, markdown: bool, encoding: str | None) -> Cleaner:
    """A cleaner of the shipped rules; loading them takes a moment, so it is done once."""
    return Cleaner(profile=profile, edits=edits, markdown=markdown, encoding=encoding)


def clean(
    content: DocumentLike,
    *,
    profile: str = "zh",
    edits: str = "full",
    markdown: bool = False,
    encoding: str | None = None,
    cleaner: Cleaner | None = None,
    **fields: Any,
) -> Cleaned:
    """Washes one document with the shipped rules, or with a ``Cleaner``.

    ``fields`` are those of a ``Document``, such as ``url``.
    """
    return (cleaner or shared(profile, edits, markdown, encoding)).clean(content, **fields)
