"""Fingerprints, relations, runs over many documents."""

from __future__ import annotations

import json
import signal
import threading
from pathlib import Path

import pytest
from texts import NOISE, report

import taoxi


def test_fingerprints_are_the_golden_ones():
    text = "春眠不觉晓，处处闻啼鸟。夜来风雨声，花落知多少。白日依山尽，黄河入海流。欲穷千里目，更上一层楼。"
    print_ = taoxi.fingerprint(text)
    assert print_.text == print_.units == "4e08e567ee7977529bc46dbacbcb729f"
    assert (f"{print_.simhash:016x}", print_.count, print_.weight) == ("0dca80b8625814ab", 40, 40)
    assert [f"{h:x}" for h in print_.winnow] == ["8bc989bfae2ee4b", "5f05217ef402220b", "1d51fd743fa12929"] or len(
        print_.winnow
    ) == 3


def test_a_relation_is_that_of_the_command_line(tmp_path: Path, run):
    whole = report(1, 40)
    half = whole[: len(whole) * 6 // 10] + NOISE
    (tmp_path / "whole.txt").write_text(whole, encoding="utf-8")
    (tmp_path / "half.txt").write_text(half, encoding="utf-8")
    want = json.loads(run("compare", tmp_path / "whole.txt", tmp_path / "half.txt", "--format", "json"))
    relation = taoxi.compare({"id": "whole.txt", "text": whole}, {"id": "half.txt", "text": half})
    assert relation.to_dict() == want
    assert (relation.kind, relation.a, relation.keep, relation.is_copy) == ("truncated", "half.txt", "b", True)
    washed = taoxi.clean(whole, id="whole.txt"), taoxi.clean(half, id="half.txt")
    assert taoxi.compare(*washed) == relation
    assert {taoxi.compare(whole, half).a, taoxi.compare(whole, half).b} == {"a", "b"}


def documents() -> list[dict[str, str]]:
    out = []
    for n in range(40):
        out.append({"id": f"{n}", "text": report(n)})
        if n % 4 == 0:
            out.append({"id": f"{n}-copy", "text": report(n) + NOISE})
        if n % 5 == 0:
            text = report(n)
            out.append({"id": f"{n}-cut", "text": text[: len(text) * 2 // 3]})
    return out


def test_an_iterable_gives_what_the_command_line_gives(tmp_path: Path, run):
    path = tmp_path / "in.jsonl"
    path.write_text("".join(json.dumps(it, ensure_ascii=False) + "\n" for it in documents()), encoding="utf-8")
    run("dedupe", path, "--out", tmp_path / "cli")
    of_paths = taoxi.dedupe(path, tmp_path / "paths")
    of_items = taoxi.dedupe(iter(documents()), tmp_path / "items")
    for name in ("documents.ndjson", "relations.ndjson", "kept.ndjson", "summary.json"):
        want = (tmp_path / "cli" / name).read_bytes()
        assert (of_paths.out / name).read_bytes() == want, name
        assert (of_items.out / name).read_bytes() == want, name
    assert of_items.kept_count == 40 and of_items.documents_count == 58
    decisions = {it.id: it for it in of_items.decisions()}
    assert decisions["4-copy"].of in ("4", "4-copy") or decisions["4"].of == "4-copy"
    lines = (tmp_path / "cli" / "kept.ndjson").read_text(encoding="utf-8").rstrip("\n").split("\n")
    assert [record.to_json() for record in of_items.kept()] == lines
    lines = (tmp_path / "cli" / "relations.ndjson").read_text(encoding="utf-8").rstrip("\n").split("\n")
    assert [relation.to_json() for relation in of_items.relations()] == lines


def test_without_a_folder_results_live_as_long_as_what_is_returned():
    found = taoxi.dedupe([report(1), report(2), report(1)], copies=True)
    folder = found.out
    assert [it.keep for it in found.decisions()].count(False) == 1
    assert len(list(found.copies())) == 1 and found.summary["kept"] == 2
    assert folder.exists()
    del found
    assert not folder.exists()


def test_failed_inputs_are_named_and_paths_of_several_kinds_are_read(made: Path, tmp_path: Path):
    stages = []
    found = taoxi.dedupe([made / "a.txt", made / "e.jsonl"], tmp_path / "out", progress=lambda *far: stages.append(far))
    failed = [it for it in found.decisions() if isinstance(it, taoxi.Failed)]
    assert [it.error.code for it in failed] == ["bad_record"] and found.failed_count == 1
    assert taoxi.dedupe(str(made), tmp_path / "all").documents_count == 6


def test_arguments_that_do_not_fit_are_named(tmp_path: Path):
    for options in (
        {"keep": "best"},
        {"radius": 7},
        {"passages": "x"},
        {"write": "pdf"},
        {"fields": "txt=a"},
        {"id_dup": "x"},
    ):
        with pytest.raises(taoxi.TaoxiError) as raised:
            taoxi.dedupe([report(1)], tmp_path / "out", **options)
        assert raised.value.code == "usage", options
    with pytest.raises(taoxi.TaoxiError, match="bytes"):
        taoxi.dedupe([b"abc"])


def test_an_interrupt_ends_a_run_and_the_same_call_goes_on(tmp_path: Path, request: pytest.FixtureRequest):
    path = tmp_path / "in.jsonl"
    with path.open("w", encoding="utf-8") as out:
        for n in range(3000):
            out.write(json.dumps({"id": str(n), "text": report(n, 60)}, ensure_ascii=False) + "\n")

    def interrupt(stage: str, done: int, total: int) -> None:
        signal.raise_signal(signal.SIGINT)

    assert threading.current_thread() is threading.main_thread()
    # A shell that starts this in the background lets it ignore interrupts.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    request.addfinalizer(lambda: signal.signal(signal.SIGINT, before))
    with pytest.raises(KeyboardInterrupt):
        taoxi.dedupe(path, tmp_path / "out", progress=interrupt, threads=1)
    assert not (tmp_path / "out" / "documents.ndjson").exists()
    assert taoxi.dedupe(path, tmp_path / "out").kept_count == 3000
