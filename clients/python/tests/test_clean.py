"""Washing: one document, many, files; records are those of the command line, byte for byte."""

from __future__ import annotations

import dataclasses
import gzip
import json
import lzma
import pickle
import threading
import time
from pathlib import Path

import pytest
from texts import BENCH, NOISE, report

import taoxi


def test_a_text_is_washed_and_the_record_says_what_changed():
    cleaned = taoxi.clean(
        "总投入13。7亿元,增长4。6%。\n责任编辑：某某\n", id="a", url="https://a.example/1", meta={"k": 1}
    )
    assert cleaned.text == "总投入13.7亿元，增长4.6%。\n"
    assert (cleaned.id, cleaned.meta) == ("a", {"k": 1, "url": "https://a.example/1"})
    assert cleaned.source.media_type == "text/plain"
    source = "总投入13。7亿元,增长4。6%。\n责任编辑：某某\n".encode()
    rebuilt, at = b"", 0
    for edit in cleaned.edits or ():
        assert source[edit.start : edit.end] == (edit.before or "").encode() and edit.rule
        rebuilt, at = rebuilt + source[at : edit.start] + (edit.after or "").encode(), edit.end
    assert rebuilt + source[at:] == cleaned.text.encode()
    assert cleaned.versions.taoxi == taoxi.__version__


def test_records_are_frozen_and_go_to_json_and_back():
    cleaned = taoxi.clean(report(1) + NOISE)
    with pytest.raises(dataclasses.FrozenInstanceError):
        cleaned.text = ""
    assert taoxi.Cleaned.from_json(cleaned.to_json()) == cleaned
    assert taoxi.Cleaned.from_dict(cleaned.to_dict()) == cleaned
    assert list(cleaned.to_dict())[:3] == ["id", "title", "text"]


def test_bytes_are_decoded_and_pages_rendered():
    assert taoxi.clean("关于开学的通知,请各校认真做好准备工作。".encode("gb18030")).source.encoding in (
        "GBK",
        "gb18030",
    )
    page = "<html><head><title>甲</title></head><body><p>" + report(1) + "</p></body></html>"
    cleaned = taoxi.clean(page, media_type="html")
    assert cleaned.title == "甲" and cleaned.page is not None
    assert cleaned.page.origins["title"] == "title" and cleaned.page.to_dict()["from"] == {"title": "title"}
    assert taoxi.clean(bytearray(b"abc")).text.startswith("abc")


def test_faults_have_codes_and_hints():
    for call, code in [
        (lambda: taoxi.clean(bytes(range(256)) * 9), "binary_input"),
        (lambda: taoxi.clean("a", profile="zz"), "unknown_rule"),
        (lambda: taoxi.clean(b"a", encoding="zz"), "unknown_encoding"),
        (lambda: taoxi.clean("a", edits="zz"), "usage"),
        (lambda: taoxi.clean("a", media_type="pdf"), "usage"),
        (lambda: taoxi.clean("\ud800"), "bad_record"),
        (lambda: taoxi.clean(3), "bad_record"),
        (lambda: taoxi.clean({"id": "x"}), "bad_record"),
        (lambda: taoxi.clean("a", meta={"x": object()}), "bad_record"),
        (lambda: taoxi.Cleaner(rules="/nowhere/at/all"), "unreadable_input"),
    ]:
        with pytest.raises(taoxi.TaoxiError) as raised:
            call()
        assert raised.value.code == code, raised.value
        assert raised.value.hint and raised.value.message


def test_rules_of_a_folder_act_and_can_be_switched_off(tmp_path: Path):
    (tmp_path / "mine.toml").write_text(
        'id = "mine"\ntitle = "Mine"\nwhy = "A line that the site adds."\nhosts = ["mine.example"]\n'
        '[[step]]\nid = "line"\nkind = "drop-line"\nline = { equals = "本站专用行" }\n'
        '[[test]]\nname = "it goes"\ninput = "正文。\\n本站专用行\\n"\nexpect = "正文。\\n"\n'
        '[[test]]\nname = "others stay"\ninput = "正文。\\n"\nunchanged = true\n',
        encoding="utf-8",
    )
    text, url = report(1) + "本站专用行\n", "https://mine.example/1"
    assert "本站专用行" not in taoxi.Cleaner(rules=tmp_path).clean(text, url=url).text
    assert "本站专用行" in taoxi.Cleaner(rules=tmp_path, without=["mine"]).clean(text, url=url).text
    assert "本站专用行" in taoxi.clean(text, url=url).text


def test_many_documents_come_back_in_order_and_failures_with_them():
    documents = [{"id": str(n), "text": report(n, 4)} for n in range(700)]
    documents[300] = taoxi.Document(bytes(range(256)) * 9, id="300")
    records = list(taoxi.Cleaner(edits="none").clean_many(iter(documents)))
    assert [record.id for record in records] == [str(n) for n in range(700)]
    assert isinstance(records[300], taoxi.Failed) and records[300].error.code == "binary_input"
    assert sum(isinstance(record, taoxi.Failed) for record in records) == 1


def test_a_cleaner_goes_to_another_process():
    cleaner = taoxi.Cleaner(profile="keep", edits="none")
    again = pickle.loads(pickle.dumps(cleaner))
    assert again.clean("a，b").to_json() == cleaner.clean("a，b").to_json()


def test_other_threads_run_while_documents_are_washed():
    cleaner = taoxi.Cleaner(edits="none")
    text = report(5, 60_000)
    seen, done = [], threading.Event()

    def wash():
        cleaner.clean(text)
        done.set()

    worker = threading.Thread(target=wash)
    worker.start()
    while not done.is_set():
        seen.append(time.monotonic())
        done.wait(0.002)
    worker.join()
    assert len(seen) >= 3, "the lock was held while a long text was washed"


def test_files_give_the_records_of_the_command_line(made: Path, run):
    cleaner = taoxi.Cleaner(edits="none")
    want = run("clean", made, "--format", "ndjson").decode().rstrip("\n").split("\n")
    assert list(cleaner.clean_files_json(made)) == want
    records = list(cleaner.clean_files(made))
    assert [record.to_json() for record in records] == want
    assert sum(isinstance(record, taoxi.Failed) for record in records) == 2


def test_edits_and_markdown_are_those_of_the_command_line(made: Path, run):
    for edits in ("full", "ranges"):
        want = run("clean", made, "--format", "ndjson", "--edits", edits).decode().rstrip("\n").split("\n")
        assert [record.to_json() for record in taoxi.Cleaner(edits=edits).clean_files(made)] == want
    page = (made / "c.html").read_bytes()
    want = json.loads(run("clean", made / "c.html", "--format", "json"))
    got = taoxi.clean(page, id="c.html", media_type="html").to_dict()
    assert got == want and "removed" in want and "page" in want
    assert taoxi.clean(page, markdown=True).markdown == run("clean", made / "c.html", "--format", "markdown").decode()


def corpus(name: str, folder: Path) -> Path:
    source = BENCH / name
    if not source.exists():
        pytest.skip(f"no ../shared/bench/{name} beside this folder")
    data = gzip.decompress(source.read_bytes()) if name.endswith(".gz") else lzma.decompress(source.read_bytes())
    out = folder / "corpus.jsonl"
    if name.endswith(".xz"):
        # Pages are long: a part of them says as much.
        data = b"\n".join(data.split(b"\n")[:200]) + b"\n"
    out.write_bytes(data)
    return out


@pytest.mark.parametrize("name", ["dedup/base-zh.jsonl.gz", "html/pages.jsonl.xz"])
def test_the_corpus_gives_the_records_of_the_command_line(name: str, tmp_path: Path, run):
    path = corpus(name, tmp_path)
    want = run("clean", path, "--format", "ndjson").decode().rstrip("\n").split("\n")
    records = 0
    for record, line in zip(taoxi.Cleaner(edits="none").clean_files(path), want):
        assert record.to_json() == line
        records += 1
    assert records == len(want) > 100
