"""Requests and answers, whoever sends them: what both clients share."""

from __future__ import annotations

import base64
import dataclasses
import json
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, TypeVar
from urllib.parse import quote

import httpx

from ..documents import NAMELESS, Document, DocumentLike, document
from ..errors import TaoxiError
from ..records import Answer, Cleaned, Failed, Fault
from ._retry import BUSY, retry_after

#: A batch of lines is sent whole before its answers are read, so it must fit into the buffers between: the service
#: reads no faster than its answers are
#: read.
BATCH_BYTES = 64 << 10
BATCH_LINES = 64
#: Errors of a request that pass by themselves.
PASSING = frozenset({"idempotency_busy"})
NDJSON = "application/x-ndjson"
#: States in which a job has ended.
ENDED = ("done", "failed", "cancelled")

R = TypeVar("R", Cleaned, Answer)


@dataclasses.dataclass(frozen=True)
class Call:
    """A request."""

    method: str
    path: str
    params: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    headers: Mapping[str, str] = dataclasses.field(default_factory=dict)
    content: Any = None
    #: Whether it can be sent again when nobody knows whether it was answered.
    repeatable: bool = True

    @property
    def is_stream(self) -> bool:
        """Whether its body can be sent only once."""
        return self.content is not None and not isinstance(self.content, bytes)

    def may_repeat(self, error: httpx.TransportError) -> bool:
        """Whether it may be sent again after it was lost. Where no connection came about, nothing was sent."""
        return self.repeatable or isinstance(error, httpx.ConnectError)


def path(*parts: str) -> str:
    """A path under /v1; slashes in an id stay in it."""
    return "/v1/" + "/".join(quote(part, safe="") for part in parts)


def query(**options: Any) -> dict[str, Any]:
    """A query without what is not given; lists with commas between."""
    out: dict[str, Any] = {}
    for name, value in options.items():
        if value is None or value == "" or value == () or value == []:
            continue
        if isinstance(value, bool):
            out[name] = str(value).lower()
        else:
            out[name] = value if isinstance(value, (str, int)) else ",".join(value)
    return out


def fault(response: httpx.Response) -> TaoxiError:
    """The error of an answer whose body was read."""
    try:
        problem = response.json()
    except ValueError:
        problem = {}
    problem = problem if isinstance(problem, dict) else {}
    return TaoxiError(
        str(problem.get("code") or f"http_{response.status_code}"),
        str(problem.get("detail") or response.text[:300] or response.reason_phrase),
        hint=problem.get("hint"),
        status=response.status_code,
        retry_after=retry_after(response.headers.get("retry-after")),
        problem=problem or None,
    )


def passes(error: TaoxiError) -> bool:
    """Whether the same request may be answered later."""
    return error.status in BUSY or error.code in PASSING


def lost(error: httpx.TransportError, base: object) -> TaoxiError:
    """The service could not be asked, or did not answer."""
    return TaoxiError(
        "unreachable",
        f"{base}: {error or type(error).__name__}",
        hint="Is the service running, and is the address right?",
    )


def is_lost(error: TaoxiError) -> bool:
    """Whether an error says nothing of the document: the service was away, busy, or would not have us."""
    return (
        error.code == "unreachable"
        or error.status is None
        or error.status >= 500
        or error.status in (401, 403, 404, 408, 429)
    )


def body(given: Document) -> dict[str, Any]:
    """A document as the service takes it."""
    out: dict[str, Any] = {}
    if given.id != NAMELESS:
        out["id"] = given.id
    for name, value in (("url", given.url), ("date", given.date)):
        if value is not None:
            out[name] = value
    if isinstance(given.content, bytes):
        out["base64"] = base64.b64encode(given.content).decode("ascii")
        out["type"] = given.media_type
        if given.charset is not None:
            out["encoding"] = given.charset
    elif given.media_type == "html":
        out["html"] = given.content
    else:
        out["text"], out["type"] = given.content, given.media_type
    if given.meta:
        out["meta"] = dict(given.meta)
    return out


def one(
    route: str, content: DocumentLike, fields: Mapping[str, Any], params: Mapping[str, Any], key: str | None
) -> Call:
    """A request with one document."""
    given = document(content)
    given = dataclasses.replace(given, **fields) if fields else given
    headers = {"Content-Type": "application/json"}
    if key is not None:
        headers["Idempotency-Key"] = key
    return Call("POST", route, params, headers, dumps(body(given)))


def dumps(value: Any) -> bytes:
    """A body of JSON."""
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    except (TypeError, ValueError) as error:
        raise TaoxiError("bad_record", f"the document has no form in JSON: {error}") from error


def key(given: str | None) -> str:
    """An Idempotency-Key: a new one, unless one is given."""
    return given or str(uuid.uuid4())


@dataclasses.dataclass
class Batch:
    """Documents that are sent together: as lines, or one that is no line by itself."""

    documents: list[Document]
    lines: list[bytes]

    @property
    def is_single(self) -> bool:
        """Whether it is one document of bytes, which a line cannot hold."""
        return len(self.documents) == 1 and isinstance(self.documents[0].content, bytes)

    def rest(self, answered: int) -> Batch:
        """Those that have no answer yet."""
        return Batch(self.documents[answered:], self.lines[answered:])

    def single(self, route: str, params: Mapping[str, Any]) -> Call:
        """The request with the one document."""
        return one(route, self.documents[0], {}, params, None)

    def call(self, route: str, params: Mapping[str, Any]) -> Call:
        """The request."""
        return Call("POST", route, params, {"Content-Type": NDJSON}, b"".join(self.lines))

    def failed(self, error: TaoxiError) -> Failed:
        """The record of a single document that failed; raises where the error says nothing of the document."""
        if is_lost(error):
            raise error
        return Failed(self.documents[0].id, Fault(error.code, error.message))


def line(given: Document) -> bytes:
    """A document as a line."""
    if isinstance(given.content, bytes):
        return b""
    record: dict[str, Any] = dict(given.meta)
    if given.id != NAMELESS:
        record["id"] = given.id
    record.update({name: value for name, value in (("url", given.url), ("date", given.date)) if value is not None})
    record["html" if given.media_type == "html" else "text"] = given.content
    return dumps(record) + b"\n"


class Gathering:
    """Documents gathered into batches, in order."""

    def __init__(self) -> None:
        self._batch, self._size = Batch([], []), 0

    def push(self, item: DocumentLike) -> Iterator[Batch]:
        """Takes a document; gives the batches that are full."""
        given = document(item)
        encoded = line(given)
        single = isinstance(given.content, bytes)
        if single or self._size + len(encoded) > BATCH_BYTES or len(self._batch.lines) == BATCH_LINES:
            yield from self.end()
        self._batch.documents.append(given)
        self._batch.lines.append(encoded)
        self._size += len(encoded)
        if single:
            yield from self.end()

    def end(self) -> Iterator[Batch]:
        """Gives what is left."""
        batch = self._batch
        self._batch, self._size = Batch([], []), 0
        if batch.documents:
            yield batch


def batches(documents: Iterable[DocumentLike]) -> Iterator[Batch]:
    """Documents in batches, in order."""
    gathering = Gathering()
    for item in documents:
        yield from gathering.push(item)
    yield from gathering.end()


def answer(text: str, sent: int, got: int, of: type[R]) -> R | Failed:
    """A line of an answer; an error of the body as a whole is no line."""
    value: dict[str, Any] = json.loads(text)
    if "error" not in value:
        return of.from_dict(value)
    if value.get("id") == "body" or got >= sent:
        raise TaoxiError(value["error"]["code"], value["error"]["message"], status=400)
    return Failed.from_dict(value)


@contextmanager
def broken_off() -> Iterator[None]:
    """An answer that breaks off is no error yet: what has no answer is sent again."""
    with suppress(httpx.TransportError, json.JSONDecodeError):
        yield


def ended_early() -> TaoxiError:
    """Some lines have no answer, however often they were sent."""
    return TaoxiError("unreachable", "the answer ended before its last line")


def exported(text: str) -> dict[str, Any]:
    """A line of an export."""
    value: dict[str, Any] = json.loads(text)
    if "error" in value:
        raise TaoxiError(value["error"]["code"], value["error"]["message"])
    return value


def pair(a: DocumentLike, b: DocumentLike) -> Call:
    """Two documents to be compared."""
    content = dumps({"a": body(document(a)), "b": body(document(b))})
    return Call("POST", path("compare"), headers={"Content-Type": "application/json"}, content=content)


def create(name: str, profile: str, radius: int, candidates: int) -> Call:
    """A collection to be made."""
    content = dumps({"profile": profile, "radius": radius, "candidates": candidates})
    return Call("PUT", path("collections", name), headers={"Content-Type": "application/json"}, content=content)


def commit(collection: str, crawl: str) -> Call:
    """A crawl to be committed. Once it is, it is no crawl any more: the same request again would find none."""
    return Call("POST", path("collections", collection, "crawls", crawl, "commit"), repeatable=False)


def roll_back(collection: str, crawl: str) -> Call:
    """A crawl to be forgotten."""
    return Call("DELETE", path("collections", collection, "crawls", crawl), repeatable=False)


def settled(answer: Mapping[str, Any]) -> int:
    """How many documents a crawl had."""
    return int(answer["documents"])


def arriving(collection: str, check: bool, crawl: str) -> tuple[str, dict[str, Any]]:
    """Where documents arrive, and how."""
    return path("collections", collection, "documents"), query(mode="check" if check else None, crawl=crawl)


def job(kind: str, options: Mapping[str, Any], given: str | None, content: Any) -> Call:
    """A job with its archive."""
    headers = {"Content-Type": "application/octet-stream", "Idempotency-Key": key(given)}
    return Call("POST", path("jobs", kind), query(**options), headers, content)


def may_pass(error: TaoxiError) -> bool:
    """Whether the same archive may be taken later."""
    return error.code == "unreachable" or passes(error)


def done(state: dict[str, Any]) -> dict[str, Any]:
    """A job that has ended well; any other end is an error."""
    if state["state"] == "done":
        return state
    error = state.get("error") or {}
    message = error.get("message", f"the job {state['job']} is {state['state']}")
    raise TaoxiError(error.get("code", state["state"]), message)


def headers(api_key: str | None) -> dict[str, str]:
    """What every request says."""
    out = {"User-Agent": "taoxi-python"}
    if api_key is not None:
        out["Authorization"] = f"Bearer {api_key}"
    return out


def washing(
    profile: str | None = None,
    edits: str | None = None,
    only: Sequence[str] = (),
    without: Sequence[str] = (),
    encoding: str | None = None,
) -> dict[str, Any]:
    """How documents are washed, as a query says it."""
    return query(profile=profile, edits=edits, only=only, without=without, encoding=encoding)
