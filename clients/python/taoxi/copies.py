"""Copies: what is remembered of a text, how two are related, and the copies among many."""

from __future__ import annotations

import dataclasses
import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path as FilePath
from typing import Any, Callable, TypeVar

from . import _native
from ._record import Record
from .cleaner import Cleaner, Path, shared
from .documents import NAMELESS, DocumentLike, Reading, document
from .errors import TaoxiError
from .records import Cleaned, Decision, Failed, Fingerprint, Relation

R = TypeVar("R", bound=Record)


def fingerprint(text: str | Cleaned) -> Fingerprint:
    """The fingerprint of a cleaned text."""
    text = text.text if isinstance(text, Cleaned) else text
    digest, units, simhash, winnow, count, weight, placeholders = _native.fingerprint(text)
    return Fingerprint(digest, units, simhash, tuple(winnow), count, weight, placeholders)


def compare(
    a: DocumentLike | Cleaned,
    b: DocumentLike | Cleaned,
    *,
    keep: str = "longest",
    wash: bool = True,
    cleaner: Cleaner | None = None,
) -> Relation:
    """How two documents are related. Both are washed first; records that were washed already are taken as they are."""
    given = [_washed(it) if isinstance(it, Cleaned) else document(it) for it in (a, b)]
    # Washing what is clean changes nothing, so one record among two documents may go through it again.
    wash = wash and not (isinstance(a, Cleaned) and isinstance(b, Cleaned))
    native = (cleaner or shared("zh", "none", False, None))._native
    return Relation.from_json(_native.compare(native, given[0], given[1], keep, wash))


def _washed(record: Cleaned) -> Any:
    date, url = record.meta.get("date"), record.meta.get("url")
    made = document({"text": record.text, "id": record.id, "date": date, "url": url})
    return dataclasses.replace(made, media_type="text")


@dataclasses.dataclass(frozen=True)
class _Asked:
    paths: list[Path]
    out: Path
    against: list[Path]
    keep: str
    wash: bool
    radius: int
    threads: int
    memory: int
    tmp: Path | None
    compress: bool
    copies: bool
    passages: tuple[bool, int | None, int | None] | None
    write: str | None
    reading: Reading


class Deduped:
    """What a run gave: counts, and the result files, read while they are asked for."""

    def __init__(self, out: FilePath, counts: tuple[int, int, int], own: Any = None) -> None:
        #: The folder of the result files.
        self.out = out
        #: Documents that did not fail, inputs that failed, documents kept.
        self.documents_count, self.failed_count, self.kept_count = counts
        self._own = own

    @property
    def summary(self) -> dict[str, Any]:
        """Counts by kind, bytes and versions."""
        out: dict[str, Any] = json.loads((self.out / "summary.json").read_bytes())
        return out

    def decisions(self) -> Iterator[Decision | Failed]:
        """For each document in order of input whether it is kept, and for which one it goes."""
        for line in self._lines("documents.ndjson"):
            value = json.loads(line)
            yield Failed.from_dict(value) if "error" in value else Decision.from_dict(value)

    def relations(self) -> Iterator[Relation]:
        """Every relation that was found."""
        return self._records("relations.ndjson", Relation)

    def kept(self) -> Iterator[Cleaned]:
        """The records of the kept documents."""
        return self._records("kept.ndjson", Cleaned)

    def copies(self) -> Iterator[Cleaned]:
        """The records of the copies; of a run with ``copies=True``."""
        return self._records("copies.ndjson", Cleaned)

    def _records(self, name: str, of: type[R]) -> Iterator[R]:
        return map(of.from_json, self._lines(name))

    def _lines(self, name: str) -> Iterator[bytes]:
        path = self.out / name
        if not path.exists():
            raise TaoxiError(
                "unknown_file", f"{path} is not there: compressed runs are read with zstd, and not every run writes it"
            )
        with path.open("rb") as lines:
            yield from lines

    def __repr__(self) -> str:
        counts = f"{self.documents_count} documents, {self.kept_count} kept, {self.failed_count} failed"
        return f"Deduped({counts}, in {self.out})"


def dedupe(
    source: Path | Sequence[Path] | Iterable[DocumentLike],
    out: Path | None = None,
    *,
    against: Sequence[Path] = (),
    keep: str = "longest",
    wash: bool = True,
    cleaner: Cleaner | None = None,
    radius: int = 3,
    threads: int = 0,
    memory: int = 2 << 30,
    tmp: Path | None = None,
    compress: bool = False,
    copies: bool = False,
    passages: str | None = None,
    passage_min_documents: int | None = None,
    passage_min_length: int | None = None,
    write: str | None = None,
    fields: str | None = None,
    media_type: str = "auto",
    id_dup: str = "error",
    progress: Callable[[str, int, int], None] | None = None,
) -> Deduped:
    """Finds the copies among documents, as ``taoxi dedupe`` does.

    ``source`` is a path, several paths (a list of ``pathlib.Path``), or an iterable of documents: texts, mappings or
    ``Document`` objects. A string is a path. Without ``out`` the result files live in a temporary folder, as long as
    what is returned. ``passages`` is ``"report"`` or ``"drop"``. Interrupted and called again with the same paths and
    options, it goes on from the stages that were finished.
    """
    wanted = {None: None, "report": False, "drop": True}
    if passages not in wanted:
        raise TaoxiError("usage", f"passages is report or drop, not `{passages}`")
    drop = wanted[passages]
    own = tempfile.TemporaryDirectory(prefix="taoxi-") if out is None else None
    folder = FilePath(own.name) / "out" if own is not None else FilePath(os.fspath(out or ""))
    with tempfile.TemporaryDirectory(prefix="taoxi-in-") as made:
        asked = _Asked(
            paths=_paths(source, FilePath(made)),
            out=folder,
            against=list(against),
            keep=keep,
            wash=wash,
            radius=radius,
            threads=threads,
            memory=memory,
            tmp=tmp,
            compress=compress,
            copies=copies,
            passages=None if drop is None else (drop, passage_min_documents, passage_min_length),
            write=write,
            reading=Reading(fields, media_type, id_dup),
        )
        native = (cleaner or shared("zh", "none", False, None))._native
        counts = _native.dedupe(native, asked, progress)
    return Deduped(folder, counts, own)


def _paths(source: Any, folder: FilePath) -> list[Path]:
    """The paths that are meant; an iterable of documents becomes a file."""
    if isinstance(source, (str, os.PathLike)):
        return [source]
    items = iter(source)
    first = next(items, None)
    if isinstance(first, os.PathLike):
        return [first, *(FilePath(os.fspath(item)) for item in items)]
    path = folder / "documents.jsonl"
    with path.open("w", encoding="utf-8") as out:
        number = 0
        while first is not None:
            number += 1
            out.write(json.dumps(_line(first, number), ensure_ascii=False) + "\n")
            first = next(items, None)
    return [path]


def _line(value: DocumentLike, number: int) -> Mapping[str, Any]:
    made = document(value)
    if isinstance(made.content, bytes):
        raise TaoxiError(
            "bad_record", "documents of an iterable are text: decode the bytes, or put them into a folder and name that"
        )
    name = str(number) if made.id == NAMELESS else made.id
    # One that is neither is looked at, as a file would be.
    is_html = made.media_type == "html" or (made.media_type == "auto" and made.content.lstrip()[:1] == "<")
    line: dict[str, Any] = {"id": name, "html" if is_html else "text": made.content}
    line.update({key: value for key, value in (("url", made.url), ("date", made.date)) if value is not None})
    return {**made.meta, **line}
