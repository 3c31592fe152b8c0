"""The records that taoxi gives: the same from the library, the command line and the service."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from ._record import Record, many, maybe, part


@dataclasses.dataclass(frozen=True)
class Edit(Record):
    """One edit: ``after`` stands where bytes ``start`` to ``end`` of the source text were."""

    rule: str
    start: int
    end: int
    before: str | None = maybe()
    after: str | None = maybe()
    also: tuple[str, ...] = many(omit=True)


@dataclasses.dataclass(frozen=True)
class Removed(Record):
    """A place of an HTML page that is not in the extracted text."""

    path: str
    text: str
    words: int
    reason: str
    probability: float


@dataclasses.dataclass(frozen=True)
class Page(Record):
    """What an HTML page says about itself."""

    author: str | None = maybe()
    date: str | None = maybe()
    language: str | None = maybe()
    canonical: str | None = maybe()
    site: str | None = maybe()
    #: Where each of these was found; ``from`` in JSON.
    origins: Mapping[str, str] = dataclasses.field(default_factory=dict)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Page:
        """The record of a JSON object."""
        return super().from_dict({("origins" if name == "from" else name): value for name, value in data.items()})

    def to_dict(self) -> dict[str, Any]:
        """The record as a JSON object."""
        return {("from" if name == "origins" else name): value for name, value in super().to_dict().items()}


@dataclasses.dataclass(frozen=True)
class Part(Record):
    """One document inside a compilation, as a byte range of the text."""

    title: str
    start: int
    end: int


@dataclasses.dataclass(frozen=True)
class Stats(Record):
    """Counts over the cleaned text."""

    chars: int
    han: int
    removed_share: float
    placeholder_share: float
    script: str


@dataclasses.dataclass(frozen=True)
class Source(Record):
    """What came in."""

    encoding: str
    media_type: str
    bytes: int
    sha256: str


@dataclasses.dataclass(frozen=True)
class Versions(Record):
    """What washed a document."""

    taoxi: str
    rules: str
    normaliser: int


@dataclasses.dataclass(frozen=True)
class Cleaned(Record):
    """A washed document."""

    id: str
    title: str | None
    text: str
    markdown: str | None = maybe()
    flags: tuple[str, ...] = many()
    rules: tuple[str, ...] = many()
    edits: tuple[Edit, ...] | None = dataclasses.field(default=None, metadata={"of": Edit, "many": True})
    removed: tuple[Removed, ...] = many(Removed, omit=True)
    page: Page | None = maybe(Page)
    parts: tuple[Part, ...] = many(Part)
    stats: Stats = part(Stats)
    source: Source = part(Source)
    meta: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    versions: Versions = part(Versions)

    def to_dict(self) -> dict[str, Any]:
        """The record as a JSON object.

        ``edits`` are left out where they were not asked for, and empty where there were none.
        """
        out = super().to_dict()
        if self.edits is None:
            del out["edits"]
        return out


@dataclasses.dataclass(frozen=True)
class Fault(Record):
    """Why a document failed."""

    code: str
    message: str


@dataclasses.dataclass(frozen=True)
class Failed(Record):
    """A document that failed."""

    id: str
    error: Fault = part(Fault)


@dataclasses.dataclass(frozen=True)
class Passage(Record):
    """A passage that two texts share, as byte ranges of both."""

    a: tuple[int, int] = many()
    b: tuple[int, int] = many()


@dataclasses.dataclass(frozen=True)
class Why(Record):
    """Why something was decided: a stable code, a sentence, and the figures in it."""

    code: str
    text: str
    params: Mapping[str, Any] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Relation(Record):
    """How two documents are related. ``a`` is the smaller one."""

    kind: str
    a: str
    b: str
    a_part: int | None
    b_part: int | None
    a_in_b: float
    b_in_a: float
    simhash_distance: int
    passages: tuple[Passage, ...] = many(Passage)
    suspicion: str | None = None
    keep: str | None = None
    why: Why = part(Why)

    @property
    def is_copy(self) -> bool:
        """Whether the smaller one may go."""
        return self.kind in ("exact", "near", "truncated")


@dataclasses.dataclass(frozen=True)
class Answer(Record):
    """What a document is that arrives at a collection: new, copy, updated or unchanged."""

    id: str
    status: str
    supersedes: tuple[str, ...] = many()
    candidates_skipped: int = 0
    relations: tuple[Relation, ...] = many(Relation)

    @property
    def is_copy(self) -> bool:
        """Whether a copy of it is stored."""
        return self.status == "copy"


@dataclasses.dataclass(frozen=True)
class StoredDocument(Record):
    """A document as a collection holds it."""

    id: str
    url: str | None
    date: str | None
    title: str | None
    text: str
    flags: tuple[str, ...] = many()
    meta: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    supersedes: tuple[str, ...] = many()
    compilation: bool = False
    crawl: str | None = maybe()
    stored_at: int = 0
    rules: str = ""
    normaliser: int = 0


@dataclasses.dataclass(frozen=True)
class Decision(Record):
    """A line of ``documents.ndjson``: whether a document is kept, and for which one it goes."""

    id: str
    cluster: str
    keep: bool
    kind: str | None = None
    of: str | None = None
    why: Why | None = dataclasses.field(default=None, metadata={"of": Why})


@dataclasses.dataclass(frozen=True)
class Fingerprint:
    """What is remembered of a text so that its copies can be found without it."""

    #: Digest of the folded text with numbers and placeholders: equal for exact copies.
    text: str
    #: The same without numbers and placeholders.
    units: str
    #: 64-bit simhash over 3-grams.
    simhash: int
    #: Winnowing fingerprints, ascending, each once.
    winnow: tuple[int, ...]
    count: int
    weight: int
    placeholders: int
