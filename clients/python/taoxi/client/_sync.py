"""The client for ordinary programs."""

from __future__ import annotations

import json
import os
import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Callable, TypeVar, Union

import httpx

from ..documents import DocumentLike
from ..errors import TaoxiError
from ..records import Answer, Cleaned, Failed, Relation, StoredDocument
from . import _calls as calls
from ._calls import ENDED, Batch, Call
from ._retry import Retry, Tries

R = TypeVar("R", Cleaned, Answer)
Archive = Union[str, "os.PathLike[str]", bytes, IO[bytes]]


class Client:
    """Asks a service. Safe to share between threads.

    Requests that were lost or refused for the moment are made again, as ``retry`` says; those that add something
    carry an ``Idempotency-Key``, so nothing is done twice. Errors are ``TaoxiError``: those of the service with its
    code, ``unreachable`` where there was no answer.
    """

    def __init__(
        self,
        url: str = "http://127.0.0.1:8077",
        *,
        api_key: str | None = None,
        timeout: float = 60.0,
        retry: Retry | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._retry = retry or Retry()
        self._http = httpx.Client(base_url=url, headers=calls.headers(api_key), timeout=timeout, transport=transport)

    # -- washing and comparing

    def clean(self, content: DocumentLike, *, options: dict[str, Any] | None = None, **fields: Any) -> Cleaned:
        """Washes a document.

        ``fields`` are those of a ``Document``; ``options``: profile, edits, only, without, encoding.
        """
        call = calls.one(calls.path("clean"), content, fields, calls.washing(**(options or {})), None)
        return Cleaned.from_json(self._read(call))

    def clean_many(
        self, documents: Iterable[DocumentLike], *, parallel: int = 2, options: dict[str, Any] | None = None
    ) -> Iterator[Cleaned | Failed]:
        """Washes any number of documents, a batch at a time and ``parallel`` batches at once; answers come in order."""
        return self._many(documents, calls.path("clean"), calls.washing(**(options or {})), Cleaned, parallel)

    def compare(self, a: DocumentLike, b: DocumentLike) -> Relation:
        """How two documents are related. Both are washed first."""
        return Relation.from_json(self._read(calls.pair(a, b)))

    # -- collections

    def create_collection(
        self, name: str, *, profile: str = "zh", radius: int = 3, candidates: int = 64
    ) -> dict[str, Any]:
        """Makes a collection; one that is there with the same settings stays as it is."""
        return self._json(calls.create(name, profile, radius, candidates))

    def collections(self) -> list[dict[str, Any]]:
        """All collections, with their settings and counts."""
        found = self._json(Call("GET", calls.path("collections")))
        out: list[dict[str, Any]] = found["collections"]
        return out

    def collection(self, name: str) -> dict[str, Any]:
        """Settings and counts of a collection."""
        return self._json(Call("GET", calls.path("collections", name)))

    def delete_collection(self, name: str) -> None:
        """Forgets a collection with its documents."""
        self._read(Call("DELETE", calls.path("collections", name)))

    def add(
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
        return Answer.from_json(self._read(calls.one(route, content, fields, params, calls.key(idempotency_key))))

    def check(self, collection: str, content: DocumentLike, *, crawl: str = "", **fields: Any) -> Answer:
        """Tells what a document is, and stores nothing."""
        route, params = calls.arriving(collection, True, crawl)
        return Answer.from_json(self._read(calls.one(route, content, fields, params, None)))

    def add_many(
        self, collection: str, documents: Iterable[DocumentLike], *, crawl: str = ""
    ) -> Iterator[Answer | Failed]:
        """Adds documents, each compared with those before it.

        Batches that were lost are sent again from the first line without an answer.
        """
        route, params = calls.arriving(collection, False, crawl)
        return self._many(documents, route, params, Answer, 1)

    def check_many(
        self, collection: str, documents: Iterable[DocumentLike], *, crawl: str = "", parallel: int = 2
    ) -> Iterator[Answer | Failed]:
        """Checks documents and stores none."""
        route, params = calls.arriving(collection, True, crawl)
        return self._many(documents, route, params, Answer, parallel)

    def documents(self, collection: str) -> Iterator[StoredDocument]:
        """Every document of a collection, read while they come."""
        for text in self._stream(Call("GET", calls.path("collections", collection, "documents"))):
            yield StoredDocument.from_dict(calls.exported(text))

    def document(self, collection: str, id: str, *, crawl: str = "") -> StoredDocument | None:
        """What is stored under an id; None where there is nothing."""
        call = Call("GET", calls.path("collections", collection, "documents", id), calls.query(crawl=crawl))
        found = self._unless("no_document", call)
        return None if found is None else StoredDocument.from_json(found)

    def forget(self, collection: str, id: str) -> bool:
        """Forgets a document; false when there is none."""
        return (
            self._unless("no_document", Call("DELETE", calls.path("collections", collection, "documents", id)))
            is not None
        )

    def crawls(self, collection: str) -> dict[str, int]:
        """Crawls whose documents wait, and how many do."""
        found = self._json(Call("GET", calls.path("collections", collection, "crawls")))
        return {it["crawl"]: it["waiting"] for it in found["crawls"]}

    def commit(self, collection: str, crawl: str) -> int:
        """Makes the documents of a crawl part of the collection; how many."""
        return calls.settled(self._json(calls.commit(collection, crawl)))

    def roll_back(self, collection: str, crawl: str) -> int:
        """Forgets the documents of a crawl; how many."""
        return calls.settled(self._json(calls.roll_back(collection, crawl)))

    # -- jobs

    def dedupe(self, archive: Archive, *, idempotency_key: str | None = None, **options: Any) -> dict[str, Any]:
        """Sends an archive to be de-duplicated: a path, bytes or an open file.

        Returns the job; ``wait`` waits for it.
        """
        if isinstance(archive, (str, os.PathLike)):
            source = Path(os.fspath(archive))
            options.setdefault("name", source.name)
            with source.open("rb") as file:
                return self._send_file(file, options, idempotency_key)
        if isinstance(archive, bytes):
            return self._json(calls.job("dedupe", options, idempotency_key, archive))
        return self._send_file(archive, options, idempotency_key)

    def _send_file(self, file: IO[bytes], options: dict[str, Any], key: str | None) -> dict[str, Any]:
        key, start = calls.key(key), file.tell() if file.seekable() else None
        tries = Tries(self._retry)
        while True:
            call = calls.job("dedupe", options, key, _pieces(file))
            try:
                return self._json(call)
            except TaoxiError as error:
                pause = tries.wait(error.retry_after) if start is not None and calls.may_pass(error) else None
                if pause is None:
                    raise
            time.sleep(pause)
            file.seek(start or 0)

    def jobs(self) -> list[dict[str, Any]]:
        """The jobs, the newest first."""
        out: list[dict[str, Any]] = self._json(Call("GET", calls.path("jobs")))["jobs"]
        return out

    def job(self, job: str) -> dict[str, Any]:
        """One job."""
        return self._json(Call("GET", calls.path("jobs", job)))

    def wait(
        self,
        job: str,
        *,
        every: float = 0.5,
        timeout: float | None = None,
        progress: Callable[[dict[str, Any]], None] | None = None,
    ) -> dict[str, Any]:
        """Waits until a job is done; one that failed or was cancelled is an error."""
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            state = self.job(job)
            if progress is not None:
                progress(state)
            if state["state"] in ENDED:
                return calls.done(state)
            if end is not None and time.monotonic() > end:
                raise TaoxiError(
                    "timeout",
                    f"the job {job} is not done after {timeout} seconds",
                    hint="It goes on; wait for it again.",
                )
            time.sleep(every)

    def files(self, job: str) -> list[dict[str, Any]]:
        """The result files of a job."""
        out: list[dict[str, Any]] = self._json(Call("GET", calls.path("jobs", job, "files")))["files"]
        return out

    def lines(self, job: str, name: str) -> Iterator[dict[str, Any]]:
        """The records of a result file, read while they come."""
        return map(json.loads, self._stream(Call("GET", calls.path("jobs", job, "files", name))))

    def download(self, job: str, name: str, path: str | os.PathLike[str]) -> None:
        """Writes a result file."""
        with self._open(Call("GET", calls.path("jobs", job, "files", name))) as response, Path(path).open("wb") as out:
            for piece in response.iter_bytes():
                out.write(piece)

    def cancel(self, job: str) -> None:
        """Cancels a job, or removes one that is finished, with its results."""
        self._read(Call("DELETE", calls.path("jobs", job)))

    # -- the service

    def rules(self) -> dict[str, Any]:
        """The rule files in force."""
        return self._json(Call("GET", calls.path("rules")))

    def reload_rules(self) -> dict[str, Any]:
        """Loads the rule files anew."""
        return self._json(Call("POST", calls.path("rules", "reload")))

    def ready(self) -> bool:
        """Whether the service is up and takes requests; asks once."""
        with suppress(httpx.TransportError):
            return self._http.get("/readyz").status_code == 200
        return False

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    # -- how it is done

    @contextmanager
    def _open(self, call: Call) -> Iterator[httpx.Response]:
        """An answer of success whose body is yet to be read."""
        tries = Tries(self._retry)
        while True:
            request = self._http.build_request(
                call.method, call.path, params=call.params, headers=call.headers, content=call.content
            )
            try:
                response = self._http.send(request, stream=True)
                if response.is_success:
                    break
                try:
                    response.read()
                finally:
                    response.close()
                error = calls.fault(response)
                again = calls.passes(error)
            except httpx.TransportError as lost:
                error, again = calls.lost(lost, self._http.base_url), call.may_repeat(lost)
            pause = tries.wait(error.retry_after) if again and not call.is_stream else None
            if pause is None:
                raise error
            time.sleep(pause)
        try:
            yield response
        finally:
            response.close()

    def _read(self, call: Call) -> bytes:
        tries = Tries(self._retry)
        while True:
            with self._open(call) as response:
                try:
                    return response.read()
                except httpx.TransportError as lost:
                    error = calls.lost(lost, self._http.base_url)
            pause = tries.wait() if call.repeatable and not call.is_stream else None
            if pause is None:
                raise error
            time.sleep(pause)

    def _json(self, call: Call) -> dict[str, Any]:
        out: dict[str, Any] = json.loads(self._read(call))
        return out

    def _unless(self, code: str, call: Call) -> bytes | None:
        try:
            return self._read(call)
        except TaoxiError as error:
            if error.code == code:
                return None
            raise

    def _stream(self, call: Call) -> Iterator[str]:
        with self._open(call) as response:
            try:
                yield from (line for line in response.iter_lines() if line)
            except httpx.TransportError as lost:
                raise calls.lost(lost, self._http.base_url) from lost

    def _many(
        self, documents: Iterable[DocumentLike], route: str, params: dict[str, Any], of: type[R], parallel: int
    ) -> Iterator[R | Failed]:
        def ask(batch: Batch) -> list[R | Failed]:
            return self._batch(batch, route, params, of)

        if parallel <= 1:
            for batch in calls.batches(documents):
                yield from ask(batch)
            return
        with ThreadPoolExecutor(parallel, thread_name_prefix="taoxi") as pool:
            waiting: deque[Future[list[R | Failed]]] = deque()
            try:
                for batch in calls.batches(documents):
                    waiting.append(pool.submit(ask, batch))
                    if len(waiting) > parallel:
                        yield from waiting.popleft().result()
                while waiting:
                    yield from waiting.popleft().result()
            finally:
                for future in waiting:
                    future.cancel()

    def _batch(self, batch: Batch, route: str, params: dict[str, Any], of: type[R]) -> list[R | Failed]:
        """Sends lines, and sends those again that got no answer."""
        if batch.is_single:
            try:
                return [of.from_json(self._read(batch.single(route, params)))]
            except TaoxiError as error:
                return [batch.failed(error)]
        out: list[R | Failed] = []
        tries = Tries(self._retry)
        while len(out) < len(batch.lines):
            before = len(out)
            with self._open(batch.rest(before).call(route, params)) as response, calls.broken_off():
                for text in response.iter_lines():
                    if text:
                        out.append(calls.answer(text, len(batch.lines), len(out), of))
            if len(out) > before:
                tries.again()
            if len(out) < len(batch.lines):
                pause = tries.wait()
                if pause is None:
                    raise calls.ended_early()
                time.sleep(pause)
        return out


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(1 << 18):
        yield piece
