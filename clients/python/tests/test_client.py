"""The client: against a real service, and against one that fails in ways that a test says."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from service import Service, Stand, breaks_off, says
from texts import NOISE, report

import taoxi

pytest.importorskip("httpx", reason="httpx is not installed")

from taoxi.client import AsyncClient, Client, Retry
from taoxi.client._retry import Tries, retry_after

QUICK = Retry(first=0.01, longest=0.02)


@pytest.fixture
def service(cli: Path, tmp_path: Path):
    it = Service(cli, tmp_path / "data").start()
    yield it
    it.kill()


def test_the_service_gives_the_records_of_the_library(service: Service):
    with Client(service.url) as client:
        assert client.ready()
        for content, fields in [
            (report(1) + NOISE, {"id": "a", "url": "https://a.example/1", "date": "2021-01-02", "meta": {"k": [1]}}),
            (
                "<html><head><title>甲</title></head><body><p>" + report(2) + "</p></body></html>",
                {"media_type": "html"},
            ),
            (("关于开学的通知。" * 30).encode("gb18030"), {"id": "b"}),
        ]:
            assert client.clean(content, **fields).to_json() == taoxi.clean(content, **fields).to_json()
        pair = {"id": "x", "text": report(1)}, {"id": "y", "text": report(1) + NOISE}
        assert client.compare(*pair) == taoxi.compare(*pair)
        assert client.clean("总投入13。7亿元", options={"profile": "keep", "edits": "none"}).edits is None
        with pytest.raises(taoxi.TaoxiError) as raised:
            client.clean("a", options={"profile": "zz"})
        assert (raised.value.code, raised.value.status) == ("unknown_rule", 400) and raised.value.problem["request_id"]


def many(count: int) -> list[object]:
    documents: list[object] = [{"id": str(n), "text": report(n, 5), "n": n} for n in range(count)]
    documents[3] = taoxi.Document(("关于开学的通知。" * 30).encode("gb18030"), id="3")
    documents[5] = taoxi.Document(bytes(range(256)) * 9, id="5")
    documents[8] = {"id": "8", "text": report(8, 4000)}
    return documents


def test_many_documents_are_answered_in_order(service: Service):
    want = [
        it.id if isinstance(it, taoxi.Failed) else it.to_json()
        for it in taoxi.Cleaner(edits="none").clean_many(many(300))
    ]
    with Client(service.url) as client:
        for parallel in (1, 3):
            options = {"edits": "none"}
            got = list(client.clean_many(iter(many(300)), parallel=parallel, options=options))
            assert [it.id if isinstance(it, taoxi.Failed) else it.to_json() for it in got] == want
        assert next(iter(client.clean_many(many(300)))).id == "0"


def test_collections_crawls_and_documents(service: Service):
    with Client(service.url) as client:
        assert client.create_collection("news")["name"] == "news" and client.create_collection("news")
        assert [it["name"] for it in client.collections()] == ["news"]
        answers = list(
            client.add_many("news", [{"id": str(n), "text": report(n % 150)} for n in range(200)], crawl="c")
        )
        assert [it.status for it in answers].count("copy") == 50
        assert client.crawls("news") == {"c": 150} and client.document("news", "0") is None
        assert client.document("news", "0", crawl="c").crawl == "c"
        assert client.commit("news", "c") == 150
        answer = client.add("news", report(7) + NOISE, id="a/b?c", url="https://a.example/")
        assert answer.is_copy and client.check("news", report(999)).status == "new"
        assert client.add("news", report(500), id="a/b?c").status == "new"
        assert client.document("news", "a/b?c").text == report(500) and client.forget("news", "a/b?c")
        assert not client.forget("news", "a/b?c")
        assert [it.id for it in client.documents("news")] == [str(n) for n in range(150)]
        client.add("news", report(600), id="z", crawl="d")
        assert client.roll_back("news", "d") == 1
        client.delete_collection("news")
        with pytest.raises(taoxi.TaoxiError) as raised:
            client.collection("news")
        assert raised.value.code == "no_collection"


def test_an_archive_is_sent_once_and_its_results_read(service: Service, tmp_path: Path):
    path = tmp_path / "in.jsonl"
    path.write_text("".join(json.dumps({"id": str(n), "text": report(n % 20)}) + "\n" for n in range(30)))
    with Client(service.url) as client:
        job = client.dedupe(path, keep="first", idempotency_key="one")
        assert client.dedupe(path, keep="first", idempotency_key="one")["job"] == job["job"] and len(client.jobs()) == 1
        client.wait(job["job"], every=0.02)
        assert sum(line["keep"] for line in client.lines(job["job"], "documents.ndjson")) == 20
        client.download(job["job"], "summary.json", tmp_path / "summary.json")
        assert json.loads((tmp_path / "summary.json").read_text())["kept"] == 20
        assert {it["name"] for it in client.files(job["job"])} >= {"kept.ndjson", "relations.ndjson"}
        client.cancel(job["job"])
        assert client.jobs() == [] and client.rules()
        bad = client.dedupe(b"\x00\x01\x02 no archive", name="x.zip")
        with pytest.raises(taoxi.TaoxiError):
            client.wait(bad["job"], every=0.02)
            list(client.lines(bad["job"], "none.ndjson"))


def test_coroutines_do_the_same(service: Service, tmp_path: Path):
    async def source():
        for it in many(200):
            yield it

    async def run() -> None:
        async with AsyncClient(service.url) as client:
            assert await client.ready()
            assert (await client.clean(report(1), id="a")).to_json() == taoxi.clean(report(1), id="a").to_json()
            ids = [it.id async for it in client.clean_many(source(), parallel=3)]
            assert ids == [str(n) for n in range(200)]
            await client.create_collection("c")
            status = [
                it.status
                async for it in client.add_many(
                    "c", [{"id": str(n), "text": report(n % 5)} for n in range(9)], crawl="x"
                )
            ]
            assert status == ["new"] * 5 + ["copy"] * 4 and await client.crawls("c") == {"x": 5}
            assert await client.commit("c", "x") == 5 and (await client.check("c", report(1))).is_copy
            assert (await client.add("c", report(50), id="n")).status == "new"
            assert len([it async for it in client.documents("c")]) == 6
            assert (await client.document("c", "n")).id == "n" and await client.forget("c", "n")
            assert await client.document("c", "n") is None
            path = tmp_path / "in.jsonl"
            path.write_text("".join(json.dumps({"id": str(n), "text": report(n % 2)}) + "\n" for n in range(4)))
            job = await client.wait((await client.dedupe(path))["job"], every=0.02)
            assert [line["keep"] async for line in client.lines(job["job"], "documents.ndjson")].count(True) == 2
            assert (await client.compare(report(1), report(1))).kind == "exact"

    asyncio.run(run())


def test_busy_answers_are_waited_for_as_long_as_they_ask():
    problem = json.dumps({"code": "overloaded", "detail": "full", "hint": "Wait."}).encode()
    good = json.dumps(taoxi.clean("a").to_dict()).encode()
    busy = says(503, problem, Retry_After="0")
    with Stand(busy, says(429, problem), says(200, good)) as stand, Client(stand.url, retry=QUICK) as client:
        assert client.clean("a").text == "a"
        assert len(stand.seen) == 3
    with Stand(busy) as stand, Client(stand.url, retry=Retry(attempts=3, first=0.01)) as client:
        with pytest.raises(taoxi.TaoxiError) as raised:
            client.clean("a")
        assert (raised.value.code, raised.value.status, raised.value.hint, len(stand.seen)) == (
            "overloaded",
            503,
            "Wait.",
            3,
        )
    with Stand(says(503, problem, Retry_After="3600")) as stand, Client(stand.url) as client:
        with pytest.raises(taoxi.TaoxiError) as raised:
            client.clean("a")
        assert raised.value.retry_after == 3600 and len(stand.seen) == 1, "an hour is longer than its patience"
    with Stand(says(422, b"no json")) as stand, Client(stand.url, retry=QUICK) as client:
        with pytest.raises(taoxi.TaoxiError) as raised:
            client.clean("a")
        assert raised.value.code == "http_422" and len(stand.seen) == 1


def test_waits_grow_are_spread_and_end():
    retry = Retry(attempts=5, patience=None, first=1.0, longest=3.0)
    full = [retry.wait(tries, 0, None, 0, lambda: 1.0) for tries in range(1, 6)]
    assert full == [1.0, 2.0, 3.0, 3.0, None]
    assert retry.wait(1, 0, 7.0, 0, lambda: 0.5) == 7.5, "Retry-After is the least, and jitter comes on top"
    assert Retry(attempts=None, patience=10.0).wait(99, 0, None, 11, lambda: 0.0) is None
    assert retry_after("12") == 12.0 and retry_after("soon") is None and retry_after(None) is None
    assert retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0.0
    tries = Tries(Retry(attempts=2, first=0.0))
    assert tries.wait() is not None and tries.wait() is None
    tries.again()
    assert tries.wait() is not None


def test_lines_without_an_answer_are_sent_again_and_no_others():
    lines = [json.dumps(taoxi.clean("a", id=str(n)).to_dict()).encode() + b"\n" for n in range(4)]
    answers = breaks_off(lines[0] + lines[1]), says(200, lines[2]), says(200, lines[3])
    with Stand(*answers) as stand, Client(stand.url, retry=QUICK) as client:
        got = list(client.clean_many([{"id": str(n), "text": "a"} for n in range(4)]))
        assert [it.id for it in got] == ["0", "1", "2", "3"]
        assert [body.count(b"\n") for *_, body in stand.seen] == [4, 2, 1]


def test_what_adds_carries_one_key_through_all_its_tries():
    good = json.dumps({"id": "a", "status": "new", "supersedes": [], "candidates_skipped": 0, "relations": []}).encode()
    with (
        Stand(breaks_off(), says(503), says(200, good)) as stand,
        Client(stand.url, retry=QUICK, api_key="k") as client,
    ):
        assert client.add("c", "text", id="a").status == "new"
        keys = {headers["Idempotency-Key"] for _, _, headers, _ in stand.seen}
        assert len(stand.seen) == 3 and len(keys) == 1 and len(keys.pop()) > 30
        assert all(headers["Authorization"] == "Bearer k" for _, _, headers, _ in stand.seen)
    with Stand(breaks_off()) as stand, Client(stand.url, retry=QUICK) as client:
        with pytest.raises(taoxi.TaoxiError):
            client.commit("c", "x")
        assert len(stand.seen) == 1, "a commit that may have happened is not made twice"


def test_a_service_that_is_away_is_named():
    with Client("http://127.0.0.1:9", retry=Retry(attempts=2, first=0.01)) as client:
        assert not client.ready()
        with pytest.raises(taoxi.TaoxiError, match=r"127\.0\.0\.1:9") as raised:
            client.clean("a")
        assert raised.value.code == "unreachable"


def test_a_fault_of_the_whole_body_is_no_answer_to_a_line():
    line = b'{"id":"body","error":{"code":"bad_request","message":"not UTF-8"}}\n'
    raised = pytest.raises(taoxi.TaoxiError, match="not UTF-8")
    with Stand(says(200, line)) as stand, Client(stand.url, retry=QUICK) as client, raised:
        list(client.clean_many(["a", "b"]))
