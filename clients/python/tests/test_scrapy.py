"""The add-on: a real spider crawls a site of 500 pages."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from service import Service
from site_of_pages import Site

import taoxi

pytest.importorskip("scrapy", reason="scrapy is not installed")
pytest.importorskip("httpx", reason="httpx is not installed")

PAGES = 500


def crawl(site: Site, out: Path, **settings: object) -> tuple[list[dict], dict]:
    out.mkdir(exist_ok=True)
    command = [sys.executable, str(Path(__file__).with_name("spider.py")), site.url, str(out), json.dumps(settings)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    items = out / "items.jsonl"
    lines = items.read_text(encoding="utf-8").splitlines() if items.exists() else []
    return [json.loads(line) for line in lines], json.loads((out / "stats.json").read_text())


def numbers(items: list[dict]) -> set[int]:
    return {int(item["url"].rpartition("/")[2]) for item in items}


def families(site: Site) -> list[set[int]]:
    """Each copy with what it is a copy of: whichever comes first is kept."""
    return [{copy, original} for copy, original in site.copies.items()]


def check(site: Site, items: list[dict]) -> None:
    """Of each pair exactly one is left, and nothing else is gone."""
    got = numbers(items)
    assert len(items) == len(got) == PAGES - len(site.copies)
    assert all(len(family & got) == 1 for family in families(site))
    for item in items:
        text = item["text"]
        assert "登录" not in text and "版权所有" not in text and "点击" not in text and len(text) > 400


def test_pages_are_washed_and_every_copy_dropped_in_this_process(tmp_path: Path):
    with Site(PAGES) as site:
        items, stats = crawl(site, tmp_path / "out", TAOXI_PATH=str(tmp_path / "data"), TAOXI_CRAWL="monday")
        check(site, items)
        copies = len(site.copies)
        assert stats["taoxi/items"] == PAGES and stats["taoxi/copy"] == copies and stats["item_dropped_count"] == copies
        assert stats["taoxi/new"] == stats["taoxi/committed"] == PAGES - copies
        assert stats["taoxi/batches"] < PAGES / 2, "items are asked for in batches"
        with taoxi.Index(tmp_path / "data", "crawl") as index:
            assert len(index) == PAGES - copies and index.crawls() == {}
        again, stats = crawl(site, tmp_path / "again", TAOXI_PATH=str(tmp_path / "data"))
        assert stats["taoxi/unchanged"] == PAGES - copies and "taoxi/new" not in stats
        check(site, again)


def test_copies_are_tagged_or_kept_where_that_is_asked_for(tmp_path: Path):
    with Site(60) as site:
        items, _ = crawl(site, tmp_path / "tag", TAOXI_PATH=str(tmp_path / "a"), TAOXI_COPIES="tag")
        assert len(items) == 60
        copies = [item for item in items if item["taoxi"]["status"] == "copy"]
        assert len(copies) == len(site.copies)
        assert all(
            {int(it["url"].rpartition("/")[2]), int(it["taoxi"]["of"].rpartition("/")[2])} in families(site)
            for it in copies
        )
        items, _ = crawl(
            site, tmp_path / "keep", TAOXI_PATH=str(tmp_path / "b"), TAOXI_COPIES="keep", TAOXI_FIELDS={"into": "clean"}
        )
        assert len(items) == 60 and all("taoxi" not in item and item["clean"] and "text" not in item for item in items)
        items, stats = crawl(site, tmp_path / "wash")
        assert len(items) == 60 and "taoxi/new" not in stats and all(item["text"] for item in items)


def test_a_crawl_that_is_not_to_be_committed_waits(tmp_path: Path):
    with Site(30) as site:
        settings = {"TAOXI_PATH": str(tmp_path / "data"), "TAOXI_CRAWL": "c"}
        crawl(site, tmp_path / "never", **settings, TAOXI_COMMIT="never")
        with taoxi.Index(tmp_path / "data", "crawl") as index:
            assert index.crawls() == {"c": 30 - len(site.copies)} and len(index) == 0


def test_the_service_killed_in_the_middle_and_started_again_loses_nothing(cli: Path, tmp_path: Path):
    service = Service(cli, tmp_path / "data").start()
    count, lock = [0], threading.Lock()
    killer: list[threading.Thread] = []

    def kill_and_start() -> None:
        service.kill()
        # Away for long enough that many items find nobody.
        threading.Event().wait(1.0)
        service.start()

    def seen(_: int) -> None:
        with lock:
            count[0] += 1
            if count[0] == PAGES // 2:
                killer.append(threading.Thread(target=kill_and_start))
                killer[0].start()

    try:
        with Site(PAGES, seen) as site:
            items, stats = crawl(site, tmp_path / "out", TAOXI_URL=service.url)
            killer[0].join()
            check(site, items)
            assert "taoxi/lost" not in stats and stats["finish_reason"] == "finished"
            from taoxi.client import Client

            with Client(service.url) as client:
                assert client.collection("crawl")["counts"]["documents"] == PAGES - len(site.copies)
    finally:
        service.kill()


def killed_for_good(cli: Path, tmp_path: Path, **settings: object) -> tuple[Site, list[dict], dict]:
    service = Service(cli, tmp_path / "data").start()
    count, lock = [0], threading.Lock()

    def seen(_: int) -> None:
        with lock:
            count[0] += 1
            if count[0] == 100:
                service.kill()

    try:
        with Site(200, seen) as site:
            items, stats = crawl(site, tmp_path / "out", TAOXI_URL=service.url, TAOXI_PATIENCE=1, **settings)
            return site, items, stats
    finally:
        service.kill()


def test_fail_open_lets_items_pass_and_counts_them(cli: Path, tmp_path: Path):
    _, items, stats = killed_for_good(cli, tmp_path, TAOXI_FAIL="open")
    unwashed = [item for item in items if "error" in item["taoxi"]]
    assert len(unwashed) == stats["taoxi/unwashed"] > 0 and all("html" in item for item in unwashed)
    assert len(items) + stats.get("taoxi/copy", 0) == 200 and stats["finish_reason"] == "finished"
    assert stats["taoxi/commit_failed"] == 1


def test_fail_closed_ends_the_crawl_when_nobody_comes_back(cli: Path, tmp_path: Path):
    _, items, stats = killed_for_good(cli, tmp_path)
    assert stats["finish_reason"] == "taoxi_unavailable" and stats["taoxi/lost"] > 0
    assert len(items) < 200 and all("error" not in item["taoxi"] for item in items)


def test_settings_that_do_not_fit_switch_the_addon_off_and_say_why(tmp_path: Path):
    with Site(3) as site:
        items, stats = crawl(site, tmp_path / "out", TAOXI_COPIES="burn")
        assert len(items) == 3 and "taoxi/items" not in stats
