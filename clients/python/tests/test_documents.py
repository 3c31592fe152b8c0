"""What the README and docs/crawlers.md show is run as it stands there."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from service import Service
from site_of_pages import Site
from texts import ROOT

ADDRESS = "http://127.0.0.1:8077"


def blocks(name: str, kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def test_the_examples_of_the_readme_run(cli: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch):
    pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    pytest.importorskip("httpx", reason="httpx is not installed")
    examples = blocks("clients/python/README.md", "python")
    assert len(examples) >= 7
    service = Service(cli, tmp_path / "data").start()
    monkeypatch.chdir(tmp_path)
    try:
        names: dict[str, object] = {}
        for example in examples:
            exec(compile(example.replace(ADDRESS, service.url), "README.md", "exec"), names)
    finally:
        service.kill()
    printed = capsys.readouterr().out
    assert "甲地投入资金" in printed and "b copy" in printed and "binary_input" in printed


def test_the_settings_of_the_page_are_those_of_the_addon():
    scrapy = pytest.importorskip("taoxi.scrapy", reason="scrapy is not installed")
    page = (ROOT / "docs/crawlers.md").read_text(encoding="utf-8")
    assert set(re.findall(r"\bTAOXI_[A-Z_]+\b", page)) == set(scrapy.DEFAULTS)


@pytest.fixture
def shell(cli: Path, tmp_path: Path):
    """Runs a block of the page in a folder of its own, with the program in the path."""
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "taoxi").symlink_to(cli)

    def run(script: str) -> str:
        environment = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}"}
        done = subprocess.run(
            ["bash", "-euc", script],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode in (0, 1), done.stderr
        return done.stdout

    return run


def copies(out: Path) -> int:
    lines = map(json.loads, (out / "documents.ndjson").read_text(encoding="utf-8").splitlines())
    return sum(not line.get("keep", True) for line in lines)


@pytest.mark.skipif(shutil.which("wget") is None, reason="wget is not installed")
def test_archives_of_crawlers_are_written_anew_and_name_their_copies(shell, tmp_path: Path):
    scripts = [block for block in blocks("docs/crawlers.md", "sh") if "taoxi dedupe" in block]
    assert len(scripts) == 2
    with Site(40) as site:
        shell(scripts[0].replace("https://site.example/", site.url))
        assert copies(tmp_path / "result") == len(site.copies)
        for folder in ("jobs/news/latest/warcs", "crawls/collections/news/archive"):
            (tmp_path / folder).mkdir(parents=True)
            shutil.copy(tmp_path / "crawl.warc.gz", tmp_path / folder)
        shell(scripts[1])
        for out in ("result", "heritrix", "browsertrix"):
            assert copies(tmp_path / out) == len(site.copies)
            written = tmp_path / out / "kept.warc.gz"
            assert written.stat().st_size > 1000
        named = shell("zcat result/kept.warc.gz | grep -ac '^taoxi-copy-of: '")
        assert int(named) == len(site.copies)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_a_crawler_asks_the_service_for_each_page(cli: Path, shell, tmp_path: Path):
    [script] = [block for block in blocks("docs/crawlers.md", "sh") if "curl" in block]
    service = Service(cli, tmp_path / "data").start()
    try:
        with Site(6) as site:
            for number in (2, 5):
                (tmp_path / f"p{number}.html").write_text(site.page(number), encoding="utf-8")
        printed = shell(script.replace(ADDRESS, service.url).replace("\ncurl", "\necho; curl"))
        answers = [json.loads(line) for line in printed.splitlines() if line.strip()]
        assert [answer.get("status") for answer in answers[1:3]] == ["new", "copy"]
        assert answers[2]["relations"][0]["kind"] in ("exact", "near") and answers[3] == {"documents": 1}
    finally:
        service.kill()
