"""Scrapy: one line in ``ADDONS`` washes every item and tells copies.

``ADDONS = {"taoxi.scrapy.Addon": 300}``. What it does is set by ``TAOXI_…`` settings; docs/crawlers.md lists them.
"""

from __future__ import annotations

import dataclasses
import logging
import time
from collections import deque
from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any, Protocol

from itemadapter import ItemAdapter
from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem, NotConfigured
from scrapy.settings import BaseSettings
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThread

from .cleaner import Cleaner
from .documents import Document
from .errors import TaoxiError
from .index import Index
from .records import Answer, Cleaned, Failed

logger = logging.getLogger(__name__)

#: Every setting with its default.
DEFAULTS: dict[str, Any] = {
    "TAOXI_URL": None,
    "TAOXI_API_KEY": None,
    "TAOXI_PATH": None,
    "TAOXI_COLLECTION": "crawl",
    "TAOXI_PROFILE": "zh",
    "TAOXI_RULES": None,
    "TAOXI_COPIES": "drop",
    "TAOXI_FAIL": "closed",
    "TAOXI_PATIENCE": None,
    "TAOXI_CRAWL": None,
    "TAOXI_COMMIT": "finished",
    "TAOXI_BATCH": 64,
    "TAOXI_BATCH_WAIT": 0.05,
    "TAOXI_FIELDS": {},
}
#: The fields of an item that are read and written.
FIELDS = {"id": "id", "url": "url", "date": "date", "text": "text", "html": "html", "into": "text", "tag": "taoxi"}
CHOICES = {
    "TAOXI_COPIES": ("drop", "tag", "keep"),
    "TAOXI_FAIL": ("closed", "open"),
    "TAOXI_COMMIT": ("finished", "always", "never"),
}
#: Seconds that a service which is away is waited for.
PATIENCE = {"closed": 600.0, "open": 5.0}


class Addon:
    """Puts the pipeline in its place."""

    def update_settings(self, settings: BaseSettings) -> None:
        """Gives settings their defaults, and adds the pipeline before those that store items."""
        for name, value in DEFAULTS.items():
            settings.set(name, value, priority="default")
        pipelines = settings.getdict("ITEM_PIPELINES")
        if "taoxi.scrapy.Pipeline" not in pipelines and Pipeline not in pipelines:
            settings.set("ITEM_PIPELINES", {**pipelines, "taoxi.scrapy.Pipeline": 300}, priority="addon")


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What came of a document."""

    cleaned: Cleaned | Failed
    #: None where nothing is remembered.
    answer: Answer | Failed | None = None


class Backend(Protocol):
    """Washes documents and tells copies, whoever does it. Called from a thread."""

    def ask(self, documents: Sequence[Document], crawl: str) -> list[Outcome]:
        """What comes of documents, in their order."""
        ...

    def commit(self, crawl: str) -> int:
        """Makes the documents of a crawl part of the collection; how many."""
        ...

    def close(self) -> None:
        """Lets go of everything."""
        ...


class Embedded:
    """In this process: with a folder for the collection, or without one and then nothing is remembered."""

    def __init__(self, settings: BaseSettings) -> None:
        profile = settings["TAOXI_PROFILE"]
        self._cleaner = Cleaner(profile=profile, rules=settings["TAOXI_RULES"], edits="none")
        path, name = settings["TAOXI_PATH"], settings["TAOXI_COLLECTION"]
        self._index = Index(path, name, cleaner=self._cleaner) if path else None

    def ask(self, documents: Sequence[Document], crawl: str) -> list[Outcome]:
        """What comes of documents."""
        cleaned = list(self._cleaner.clean_many(documents))
        if self._index is None:
            return [Outcome(it) for it in cleaned]
        answers = self._index.add_many(documents, crawl=crawl)
        return [Outcome(it, answer) for it, answer in zip(cleaned, answers)]

    def commit(self, crawl: str) -> int:
        """Commits a crawl; one without documents has none."""
        if self._index is None or crawl not in self._index.crawls():
            return 0
        return self._index.commit(crawl)

    def close(self) -> None:
        """Lets go of the folder."""
        if self._index is not None:
            self._index.close()


class Served:
    """By a service. While it is away it is waited for."""

    def __init__(self, settings: BaseSettings, patience: float) -> None:
        from .client import Client, Retry

        self._retry = Retry(attempts=None, patience=patience, longest=5.0)
        self._client = Client(settings["TAOXI_URL"], api_key=settings["TAOXI_API_KEY"], retry=self._retry)
        self._collection: str = settings["TAOXI_COLLECTION"]
        self._profile: str = settings["TAOXI_PROFILE"]
        self._made = False

    def ask(self, documents: Sequence[Document], crawl: str) -> list[Outcome]:
        """What comes of documents.

        What has no answer yet is asked again, and what was stored meanwhile is then ``unchanged``.
        """
        if not self._made:
            self._client.create_collection(self._collection, profile=self._profile)
            self._made = True
        options = {"profile": self._profile, "edits": "none"}
        cleaned = list(self._client.clean_many(documents, parallel=1, options=options))
        answers = self._client.add_many(self._collection, documents, crawl=crawl)
        return [Outcome(it, answer) for it, answer in zip(cleaned, answers)]

    def commit(self, crawl: str) -> int:
        """Commits a crawl. Whether a commit without an answer happened is told by the crawl: it is gone afterwards."""
        from .client._calls import may_pass
        from .client._retry import Tries

        tries = Tries(self._retry)
        while True:
            try:
                return self._client.commit(self._collection, crawl)
            except TaoxiError as error:
                if error.code in ("no_crawl", "no_collection"):
                    return 0
                pause = tries.wait(error.retry_after) if may_pass(error) else None
                if pause is None:
                    raise
            time.sleep(pause)

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()


class Pipeline:
    """Washes items in batches and tells copies. Items wait for their batch; the crawl goes on meanwhile."""

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        for name, choices in CHOICES.items():
            if settings[name] not in choices:
                raise NotConfigured(f"{name} is {', '.join(choices)}, not {settings[name]!r}")
        self._crawler = crawler
        self._copies: str = settings["TAOXI_COPIES"]
        self._open: bool = settings["TAOXI_FAIL"] == "open"
        self._commit: str = settings["TAOXI_COMMIT"]
        self._most = max(1, settings.getint("TAOXI_BATCH"))
        self._wait = settings.getfloat("TAOXI_BATCH_WAIT")
        unknown = set(settings.getdict("TAOXI_FIELDS")) - set(FIELDS)
        if unknown:
            raise NotConfigured(f"TAOXI_FIELDS knows {', '.join(FIELDS)}, not {', '.join(sorted(unknown))}")
        self._fields = {**FIELDS, **settings.getdict("TAOXI_FIELDS")}
        self._crawl = _crawl(settings["TAOXI_CRAWL"], crawler)
        self._queue: deque[tuple[Document, Deferred[Outcome]]] = deque()
        self._timer: Any = None
        self._busy = False
        self._backend: Backend | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Pipeline:
        """Made by Scrapy."""
        pipeline = cls(crawler)
        # Only this signal knows why a spider ends.
        crawler.signals.connect(pipeline.closed, signal=signals.spider_closed)
        return pipeline

    async def open_spider(self) -> None:
        """Loads the rules, and opens the collection."""
        settings = self._crawler.settings
        given = settings["TAOXI_PATIENCE"]
        patience = PATIENCE[settings["TAOXI_FAIL"]] if given is None else float(given)
        make = (lambda: Served(settings, patience)) if settings["TAOXI_URL"] else (lambda: Embedded(settings))
        self._backend = await maybe_deferred_to_future(deferToThread(make))

    async def process_item(self, item: Any) -> Any:
        """Waits for the batch of an item, and does with it what the settings say."""
        fields = ItemAdapter(item)
        document = self._document(fields)
        if document is None:
            self._count("without_text")
            return item
        self._count("items")
        done: Deferred[Outcome] = Deferred()
        self._queue.append((document, done))
        self._pump()
        try:
            outcome = await maybe_deferred_to_future(done)
        except TaoxiError as error:
            return self._without(item, fields, error)
        return self._with(item, fields, outcome)

    async def closed(self, spider: Spider, reason: str) -> None:
        """Commits the crawl."""
        backend = self._backend
        if backend is None:
            return
        try:
            if self._crawl and (self._commit == "always" or (self._commit == "finished" and reason == "finished")):
                committed = await maybe_deferred_to_future(deferToThread(backend.commit, self._crawl))
                self._count("committed", committed)
            elif self._crawl:
                logger.warning("The documents of the crawl %s wait: commit it, or roll it back.", self._crawl)
        except TaoxiError as error:
            logger.error("The crawl %s is not committed: %s", self._crawl, error)
            self._count("commit_failed")
        finally:
            await maybe_deferred_to_future(deferToThread(backend.close))

    # -- batches

    def _pump(self) -> None:
        """Sends a batch when one is full, or a moment later what there is.

        One is under way at a time, and others gather behind it.
        """
        from twisted.internet import reactor

        if self._busy or not self._queue:
            return
        if len(self._queue) >= self._most:
            self._send()
        elif self._timer is None:
            self._timer = reactor.callLater(self._wait, self._send)  # type: ignore[arg-type]

    def _send(self) -> None:
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        self._timer = None
        if self._busy or not self._queue or self._backend is None:
            return
        batch = [self._queue.popleft() for _ in range(min(self._most, len(self._queue)))]
        self._busy = True
        self._count("batches")
        asked = deferToThread(self._backend.ask, [document for document, _ in batch], self._crawl)

        def answered(outcomes: list[Outcome]) -> None:
            for (_, done), outcome in zip(batch, outcomes):
                done.callback(outcome)

        def failed(failure: Any) -> None:
            for _, done in batch:
                done.errback(failure)

        def after(_: Any) -> None:
            self._busy = False
            self._pump()

        asked.addCallbacks(answered, failed)
        asked.addBoth(after)

    # -- items

    def _document(self, fields: ItemAdapter) -> Document | None:
        def text(name: str) -> str | None:
            value = fields.get(self._fields[name])
            return None if value is None else str(value)

        url = text("url")
        for name, media_type in (("html", "html"), ("text", "auto")):
            content = fields.get(self._fields[name])
            if isinstance(content, (str, bytes)) and content:
                return Document(content, text("id") or url or "-", url, text("date"), media_type)
        return None

    def _with(self, item: Any, fields: ItemAdapter, outcome: Outcome) -> Any:
        failed = next((it for it in (outcome.cleaned, outcome.answer) if isinstance(it, Failed)), None)
        if failed is not None:
            # A fault of this document alone: the item stays as it came.
            self._count(f"failed/{failed.error.code}")
            return self._tagged(item, fields, {"error": failed.error.to_dict()})
        cleaned, answer = outcome.cleaned, outcome.answer
        assert isinstance(cleaned, Cleaned) and not isinstance(answer, Failed)
        tag: dict[str, Any] = {"flags": list(cleaned.flags), "rules": list(cleaned.rules)}
        if answer is not None:
            self._count(answer.status)
            tag.update(status=answer.status, supersedes=list(answer.supersedes))
        if answer is not None and answer.is_copy:
            first = answer.relations[0]
            tag.update(kind=first.kind, of=first.b if first.a == answer.id else first.a)
            self._count(f"copy/{first.kind}")
            if self._copies == "drop":
                raise DropItem(f"taoxi: {answer.id} is a copy ({tag['kind']}) of {tag['of']}")
        self._put(fields, "into", cleaned.text)
        return item if self._copies == "keep" else self._tagged(item, fields, tag)

    def _without(self, item: Any, fields: ItemAdapter, error: TaoxiError) -> Any:
        """Nobody washed it: it goes on as it came, or the crawl ends."""
        if self._open:
            self._count("unwashed")
            return self._tagged(item, fields, {"error": {"code": error.code, "message": error.message}})
        self._count("lost")
        engine = self._crawler.engine
        if engine is not None and self._crawler.spider is not None and engine.running:
            from twisted.internet import reactor

            logger.error(
                "taoxi cannot be asked any more, so the crawl ends (TAOXI_FAIL = 'open' lets items pass): %s", error
            )
            reactor.callLater(0, engine.close_spider, self._crawler.spider, "taoxi_unavailable")  # type: ignore[arg-type]
        raise error

    def _tagged(self, item: Any, fields: ItemAdapter, tag: dict[str, Any]) -> Any:
        self._put(fields, "tag", tag)
        return item

    def _put(self, fields: ItemAdapter, name: str, value: Any) -> None:
        field = self._fields[name]
        if not field:
            return
        try:
            fields[field] = value
        except KeyError as error:
            message = f"the item has no field `{field}`: add it, or name another one in TAOXI_FIELDS[{name!r}]"
            raise TaoxiError("usage", message) from error

    def _count(self, name: str, count: int = 1) -> None:
        stats = self._crawler.stats
        if stats is not None:
            stats.inc_value(f"taoxi/{name}", count)


def _crawl(given: str | None, crawler: Crawler) -> str:
    """The crawl under which documents wait until it is committed; none where they are stored at once."""
    if given is not None:
        return given
    name = crawler.spider.name if crawler.spider is not None else "crawl"
    return f"{name}-{datetime.now(timezone.utc):%Y%m%dT%H%M%SZ}"
