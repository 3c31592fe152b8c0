"""A collection in the process."""

from __future__ import annotations

from pathlib import Path

import pytest
from texts import NOISE, report

import taoxi


def test_copies_are_told_and_survive_a_restart(tmp_path: Path):
    with taoxi.Index(tmp_path / "data") as index:
        assert index.add(report(1), id="a", url="https://a.example/1").status == "new"
        answer = index.add(report(1) + NOISE, id="b")
        assert answer.is_copy and answer.relations[0].b in "ab" and answer.relations[0].kind == "exact"
        assert index.check(report(2)).status == "new" and len(index) == 1
        assert index.add({"url": "https://a.example/2", "text": report(2)}).id == "https://a.example/2"
    with taoxi.Index(tmp_path / "data") as index:
        assert index.add(report(1), id="a").status == "unchanged"
        assert index.get("a").url == "https://a.example/1" and "a" in index and "zz" not in index
        assert [it.id for it in index] == ["a", "https://a.example/2"]
        assert index.remove("a") and not index.remove("a")
        assert index.add(report(1), id="c").status == "new"
        assert index.compact() >= 0 and index.counts().documents == 2


def test_a_fuller_version_supersedes(tmp_path: Path):
    whole = report(3, 40)
    with taoxi.Index(tmp_path) as index:
        index.add(whole[: len(whole) * 6 // 10], id="half")
        answer = index.add(whole, id="whole")
        assert (answer.status, answer.supersedes) == ("new", ("half",))


def test_many_are_answered_in_order_each_against_those_before(tmp_path: Path):
    documents = [{"id": str(n), "text": report(n % 300)} for n in range(600)]
    documents[7] = {"text": "no name"}
    with taoxi.Index(tmp_path) as index:
        answers = list(index.add_many(documents))
        assert isinstance(answers[7], taoxi.Failed) and answers[7].error.code == "bad_record"
        status = [it.status for it in answers if isinstance(it, taoxi.Answer)]
        assert status.count("new") == 300 and status.count("copy") == 299
        assert all(it.status == "unchanged" for it in index.check_many(documents[:5]))


def test_crawls_wait_until_they_are_committed_or_rolled_back(tmp_path: Path):
    with taoxi.Index(tmp_path) as index:
        index.add(report(1), id="a", crawl="monday")
        assert index.crawls() == {"monday": 1} and len(index) == 0
        assert index.add(report(1), id="b", crawl="monday").is_copy
        assert index.get("a") is None and index.get("a", crawl="monday").crawl == "monday"
        assert index.commit("monday") == 1 and len(index) == 1
        index.add(report(2), id="c", crawl="tuesday")
        assert index.roll_back("tuesday") == 1 and len(index) == 1
        with pytest.raises(taoxi.TaoxiError) as raised:
            index.commit("tuesday")
        assert raised.value.code == "no_crawl"


def test_a_collection_keeps_the_profile_of_its_cleaner(tmp_path: Path):
    cleaner = taoxi.Cleaner(profile="corpus", edits="none")
    with taoxi.Index(tmp_path, cleaner=cleaner) as index:
        index.add("甲地投入資金，" + report(1), id="a")
        assert "投入资金" in index.get("a").text
    with pytest.raises(taoxi.TaoxiError) as raised:
        taoxi.Index(tmp_path)
    assert raised.value.code == "other_settings"
    with taoxi.Index(tmp_path, profile="corpus") as index:
        assert len(index) == 1


def test_faults_have_codes(tmp_path: Path):
    with taoxi.Index(tmp_path) as index:
        for call, code in [
            (lambda: taoxi.Index(tmp_path), "in_use"),
            (lambda: taoxi.Index(tmp_path / "x", "Not A Name"), "bad_name"),
            (lambda: taoxi.Index(tmp_path / "x", radius=9), "bad_record"),
            (lambda: taoxi.Index(tmp_path / "x", cleaner=taoxi.Cleaner(), profile="keep"), "usage"),
            (lambda: index.add(report(1)), "bad_record"),
        ]:
            with pytest.raises(taoxi.TaoxiError) as raised:
                call()
            assert raised.value.code == code
    with pytest.raises(taoxi.TaoxiError) as raised:
        index.add(report(1), id="a")
    assert raised.value.code == "stopped"
