"""A collection in this process: documents remembered, arriving ones compared with them."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Iterator
from itertools import islice
from types import TracebackType
from typing import Any

from . import _native
from .cleaner import Cleaner, Path, shared
from .documents import DocumentLike, document
from .errors import TaoxiError
from .records import Answer, Failed, StoredDocument

#: Documents that are asked for at a time when many come.
BATCH = 256


@dataclasses.dataclass(frozen=True)
class Counts:
    """How large a collection is."""

    documents: int
    #: Documents that wait under a crawl.
    waiting: int
    postings: int
    #: Bytes of memory and of disk.
    memory: int
    disk: int


class Index:
    """A durable collection, as the service keeps them, in a folder that no other process uses meanwhile.

    An answer is given once all that it rests on is on disk. Documents without an id are stored under their URL. Close
    it, or use it in a ``with``.
    """

    def __init__(
        self,
        path: Path,
        collection: str = "main",
        *,
        cleaner: Cleaner | None = None,
        profile: str | None = None,
        radius: int = 3,
        candidates: int = 64,
    ) -> None:
        # A collection is made for one profile, and answers of different ones are never mixed.
        if cleaner is not None and profile not in (None, cleaner.profile):
            raise TaoxiError("usage", f"the cleaner has the profile {cleaner.profile}, and {profile} is asked for")
        profile = cleaner.profile if cleaner is not None else profile or "zh"
        self._cleaner = cleaner or shared(profile, "none", False, None)
        self._native = _native.Collection(path, collection, self._cleaner._native, profile, radius, candidates)

    def check(self, content: DocumentLike, *, crawl: str = "", **fields: Any) -> Answer:
        """Tells what a document is, and stores nothing."""
        return self._one(content, fields, crawl, check=True)

    def add(self, content: DocumentLike, *, crawl: str = "", **fields: Any) -> Answer:
        """Tells what a document is, and stores it if it is new or updated."""
        return self._one(content, fields, crawl, check=False)

    def add_many(
        self, documents: Iterable[DocumentLike], *, crawl: str = "", threads: int = 0
    ) -> Iterator[Answer | Failed]:
        """Adds documents and gives the answers in order; one that fails is a ``Failed``, and the others go on."""
        return self._many(documents, crawl, False, threads)

    def check_many(
        self, documents: Iterable[DocumentLike], *, crawl: str = "", threads: int = 0
    ) -> Iterator[Answer | Failed]:
        """Checks documents and stores none."""
        return self._many(documents, crawl, True, threads)

    def get(self, id: str, *, crawl: str = "") -> StoredDocument | None:
        """What is stored under an id; documents that wait under a crawl are seen with its name."""
        found = self._native.get(id, crawl)
        return None if found is None else StoredDocument.from_json(found)

    def remove(self, id: str) -> bool:
        """Forgets a document; false when there is none. Its text leaves the disk with ``compact``."""
        return self._native.remove(id)

    def crawls(self) -> dict[str, int]:
        """Crawls whose documents wait, and how many do."""
        return dict(self._native.crawls())

    def commit(self, crawl: str) -> int:
        """Makes the documents of a crawl part of the collection; how many."""
        return self._native.commit_crawl(crawl)

    def roll_back(self, crawl: str) -> int:
        """Forgets the documents of a crawl; how many."""
        return self._native.roll_back_crawl(crawl)

    def counts(self) -> Counts:
        """How large it is."""
        return Counts(**json.loads(self._native.counts()))

    def compact(self) -> int:
        """Takes what is forgotten off the disk; how many bytes that freed."""
        return self._native.compact()

    def close(self) -> None:
        """Writes what is queued and lets go of the folder."""
        self._native.close()

    def __len__(self) -> int:
        return self.counts().documents

    def __contains__(self, id: str) -> bool:
        return self.get(id) is not None

    def __iter__(self) -> Iterator[StoredDocument]:
        """Every document, in the order they came."""
        for text, failed in self._native.documents():
            if failed:
                fault = Failed.from_json(text).error
                raise TaoxiError(fault.code, fault.message)
            yield StoredDocument.from_json(text)

    def __enter__(self) -> Index:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _one(self, content: DocumentLike, fields: dict[str, Any], crawl: str, *, check: bool) -> Answer:
        made = document(content)
        made = dataclasses.replace(made, **fields) if fields else made
        [(text, failed)] = self._native.arrive([made], crawl, check, True, 1)
        if failed:
            fault = Failed.from_json(text).error
            raise TaoxiError(fault.code, fault.message)
        return Answer.from_json(text)

    def _many(
        self, documents: Iterable[DocumentLike], crawl: str, check: bool, threads: int
    ) -> Iterator[Answer | Failed]:
        source = iter(documents)
        while batch := [document(item) for item in islice(source, BATCH)]:
            for text, failed in self._native.arrive(batch, crawl, check, True, threads):
                yield Failed.from_json(text) if failed else Answer.from_json(text)
