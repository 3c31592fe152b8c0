"""The client for asyncio."""

from __future__ import annotations

import asyncio
import json
import os
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar, Union

import httpx

from ..documents import DocumentLike
from ..errors import TaoxiError
from ..records import Answer, Cleaned, Failed, Relation, StoredDocument
from . import _calls as calls
from ._calls import ENDED, Batch, Call
from ._retry import Retry, Tries

R = TypeVar("R", Cleaned, Answer)
Documents = Union[Iterable[DocumentLike], AsyncIterable[DocumentLike]]


class AsyncClient:
    """Asks a service from a coroutine; what ``Client`` says holds here too."""

    def __init__(
        self,
        url: str = "http://127.0.0.1:8077",
        *,
        api_key: str | None = None,
        timeout: float = 60.0,
        retry: Retry | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._retry = retry or Retry()
        self._http = httpx.AsyncClient(
            base_url=url, headers=calls.headers(api_key), timeout=timeout, transport=transport
        )

    # -- washing and comparing

    async def clean(self, content: DocumentLike, *, options: dict[str, Any] | None = None, **fields: Any) -> Cleaned:
        """Washes a document."""
        call = calls.one(calls.path("clean"), content, fields, calls.washing(**(options or {})), None)
        return Cleaned.from_json(await self._read(call))

    def clean_many(
        self, documents: Documents, *, parallel: int = 2, options: dict[str, Any] | None = None
    ) -> AsyncIterator[Cleaned | Failed]:
        """Washes any number of documents, ``parallel`` batches at once; answers come in order."""
        return self._many(documents, calls.path("clean"), calls.washing(**(options or {})), Cleaned, parallel)

    async def compare(self, a: DocumentLike, b: DocumentLike) -> Relation:
        """How two documents are related."""
        return Relation.from_json(await self._read(calls.pair(a, b)))

    # -- collections

    async def create_collection(
        self, name: str, *, profile: str = "zh", radius: int = 3, candidates: int = 64
    ) -> dict[str, Any]:
        """Makes a collection; one that is there with the same settings stays as it is."""
        return await self._json(calls.create(name, profile, radius, candidates))

    async def collection(self, name: str) -> dict[str, Any]:
        """Settings and counts of a collection."""
        return await self._json(Call("GET", calls.path("collections", name)))

    async def delete_collection(self, name: str) -> None:
        """Forgets a collection with its documents."""
        await self._read(Call("DELETE", calls.path("collections", name)))

    async def add(
        self,
        collection: str,
        content: DocumentLike,
        *,
        crawl: str = "",
        idempotency_key: str | None = None,
        **fields: Any,
    ) -> Answer:
        """Tells what a document is, and stores it if it is new."""
        route, params = calls.arriving(collection, False, crawl)
        call = calls.one(route, content, fields, params, calls.key(idempotency_key))
        return Answer.from_json(await self._read(call))

    async def check(self, collection: str, content: DocumentLike, *, crawl: str = "", **fields: Any) -> Answer:
        """Tells what a document is, and stores nothing."""
        route, params = calls.arriving(collection, True, crawl)
        return Answer.from_json(await self._read(calls.one(route, content, fields, params, None)))

    def add_many(self, collection: str, documents: Documents, *, crawl: str = "") -> AsyncIterator[Answer | Failed]:
        """Adds documents, each compared with those before it."""
        route, params = calls.arriving(collection, False, crawl)
        return self._many(documents, route, params, Answer, 1)

    def check_many(
        self, collection: str, documents: Documents, *, crawl: str = "", parallel: int = 2
    ) -> AsyncIterator[Answer | Failed]:
        """Checks documents and stores none."""
        route, params = calls.arriving(collection, True, crawl)
        return self._many(documents, route, params, Answer, parallel)

    async def documents(self, collection: str) -> AsyncIterator[StoredDocument]:
        """Every document of a collection, read while they come."""
        async for text in self._stream(Call("GET", calls.path("collections", collection, "documents"))):
            yield StoredDocument.from_dict(calls.exported(text))

    async def document(self, collection: str, id: str, *, crawl: str = "") -> StoredDocument | None:
        """What is stored under an id; None where there is nothing."""
        call = Call("GET", calls.path("collections", collection, "documents", id), calls.query(crawl=crawl))
        found = await self._unless("no_document", call)
        return None if found is None else StoredDocument.from_json(found)

    async def forget(self, collection: str, id: str) -> bool:
        """Forgets a document; false when there is none."""
        call = Call("DELETE", calls.path("collections", collection, "documents", id))
        return await self._unless("no_document", call) is not None

    async def crawls(self, collection: str) -> dict[str, int]:
        """Crawls whose documents wait, and how many do."""
        found = await self._json(Call("GET", calls.path("collections", collection, "crawls")))
        return {it["crawl"]: it["waiting"] for it in found["crawls"]}

    async def commit(self, collection: str, crawl: str) -> int:
        """Makes the documents of a crawl part of the collection; how many."""
        return calls.settled(await self._json(calls.commit(collection, crawl)))

    async def roll_back(self, collection: str, crawl: str) -> int:
        """Forgets the documents of a crawl; how many."""
        return calls.settled(await self._json(calls.roll_back(collection, crawl)))

    # -- jobs

    async def dedupe(
        self, archive: str | os.PathLike[str] | bytes, *, idempotency_key: str | None = None, **options: Any
    ) -> dict[str, Any]:
        """Sends an archive to be de-duplicated: a path, or bytes. Returns the job; ``wait`` waits for it."""
        if isinstance(archive, bytes):
            return await self._json(calls.job("dedupe", options, idempotency_key, archive))
        source, key = Path(os.fspath(archive)), calls.key(idempotency_key)
        options.setdefault("name", source.name)
        tries = Tries(self._retry)
        while True:
            try:
                return await self._json(calls.job("dedupe", options, key, _pieces(source)))
            except TaoxiError as error:
                pause = tries.wait(error.retry_after) if calls.may_pass(error) else None
                if pause is None:
                    raise
            await asyncio.sleep(pause)

    async def job(self, job: str) -> dict[str, Any]:
        """One job."""
        return await self._json(Call("GET", calls.path("jobs", job)))

    async def wait(self, job: str, *, every: float = 0.5) -> dict[str, Any]:
        """Waits until a job is done; one that failed or was cancelled is an error."""
        while (state := await self.job(job))["state"] not in ENDED:
            await asyncio.sleep(every)
        return calls.done(state)

    async def lines(self, job: str, name: str) -> AsyncIterator[dict[str, Any]]:
        """The records of a result file, read while they come."""
        async for text in self._stream(Call("GET", calls.path("jobs", job, "files", name))):
            yield json.loads(text)

    async def cancel(self, job: str) -> None:
        """Cancels a job, or removes one that is finished, with its results."""
        await self._read(Call("DELETE", calls.path("jobs", job)))

    # -- the service

    async def ready(self) -> bool:
        """Whether the service is up and takes requests; asks once."""
        with suppress(httpx.TransportError):
            return (await self._http.get("/readyz")).status_code == 200
        return False

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    # -- how it is done

    @asynccontextmanager
    async def _open(self, call: Call) -> AsyncIterator[httpx.Response]:
        """An answer of success whose body is yet to be read."""
        tries = Tries(self._retry)
        while True:
            request = self._http.build_request(
                call.method, call.path, params=call.params, headers=call.headers, content=call.content
            )
            try:
                response = await self._http.send(request, stream=True)
                if response.is_success:
                    break
                try:
                    await response.aread()
                finally:
                    await response.aclose()
                error = calls.fault(response)
                again = calls.passes(error)
            except httpx.TransportError as lost:
                error, again = calls.lost(lost, self._http.base_url), call.may_repeat(lost)
            pause = tries.wait(error.retry_after) if again and not call.is_stream else None
            if pause is None:
                raise error
            await asyncio.sleep(pause)
        try:
            yield response
        finally:
            await response.aclose()

    async def _read(self, call: Call) -> bytes:
        tries = Tries(self._retry)
        while True:
            async with self._open(call) as response:
                try:
                    return await response.aread()
                except httpx.TransportError as lost:
                    error = calls.lost(lost, self._http.base_url)
            pause = tries.wait() if call.repeatable and not call.is_stream else None
            if pause is None:
                raise error
            await asyncio.sleep(pause)

    async def _json(self, call: Call) -> dict[str, Any]:
        out: dict[str, Any] = json.loads(await self._read(call))
        return out

    async def _unless(self, code: str, call: Call) -> bytes | None:
        try:
            return await self._read(call)
        except TaoxiError as error:
            if error.code == code:
                return None
            raise

    async def _stream(self, call: Call) -> AsyncIterator[str]:
        async with self._open(call) as response:
            try:
                async for text in response.aiter_lines():
                    if text:
                        yield text
            except httpx.TransportError as lost:
                raise calls.lost(lost, self._http.base_url) from lost

    async def _many(
        self, documents: Documents, route: str, params: dict[str, Any], of: type[R], parallel: int
    ) -> AsyncIterator[R | Failed]:
        waiting: deque[asyncio.Task[list[R | Failed]]] = deque()
        try:
            async for batch in _batches(documents):
                waiting.append(asyncio.create_task(self._batch(batch, route, params, of)))
                if len(waiting) >= max(parallel, 1):
                    for record in await waiting.popleft():
                        yield record
            while waiting:
                for record in await waiting.popleft():
                    yield record
        finally:
            for task in waiting:
                task.cancel()

    async def _batch(self, batch: Batch, route: str, params: dict[str, Any], of: type[R]) -> list[R | Failed]:
        """Sends lines, and sends those again that got no answer."""
        if batch.is_single:
            try:
                return [of.from_json(await self._read(batch.single(route, params)))]
            except TaoxiError as error:
                return [batch.failed(error)]
        out: list[R | Failed] = []
        tries = Tries(self._retry)
        while len(out) < len(batch.lines):
            before = len(out)
            async with self._open(batch.rest(before).call(route, params)) as response:
                with calls.broken_off():
                    async for text in response.aiter_lines():
                        if text:
                            out.append(calls.answer(text, len(batch.lines), len(out), of))
            if len(out) > before:
                tries.again()
            if len(out) < len(batch.lines):
                pause = tries.wait()
                if pause is None:
                    raise calls.ended_early()
                await asyncio.sleep(pause)
        return out


async def _batches(documents: Documents) -> AsyncIterator[Batch]:
    if not isinstance(documents, AsyncIterable):
        for batch in calls.batches(documents):
            yield batch
        return
    gathering = calls.Gathering()
    async for item in documents:
        for batch in gathering.push(item):
            yield batch
    for batch in gathering.end():
        yield batch


async def _pieces(source: Path) -> AsyncIterator[bytes]:
    with source.open("rb") as file:
        while piece := await asyncio.to_thread(file.read, 1 << 18):
            yield piece
