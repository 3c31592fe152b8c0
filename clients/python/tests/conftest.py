"""Made-up documents, and the program to hold the package against."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from texts import NOISE, ROOT, report


def program() -> Path | None:
    """The command line that was built from this checkout."""
    named = os.environ.get("TAOXI_PROGRAM")
    path = Path(named) if named else ROOT / "target" / "release" / "taoxi"
    return path if path.exists() else None


@pytest.fixture(scope="session")
def cli() -> Path:
    found = program()
    if found is None:
        pytest.skip("the program is not built: cargo build --release, or name it in TAOXI_PROGRAM")
    return found


@pytest.fixture
def run(cli: Path):
    def call(*arguments: object, **options: object) -> bytes:
        done = subprocess.run([str(cli), *map(str, arguments)], capture_output=True, check=False, **options)
        assert done.returncode in (0, 1), done.stderr.decode()
        return done.stdout

    return call


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A folder with a document of each sort that the readers know."""
    folder = tmp_path / "made"
    folder.mkdir()
    (folder / "a.txt").write_text("总投入13。7亿元,增长4。6%。\n" + report(1) + NOISE, encoding="utf-8")
    (folder / "b.txt").write_bytes(
        ("关于 开学 的通知\n" + "请各校认真做好准备工作，并按时上报。\n" * 20).encode("gb18030")
    )
    body = "".join(f"<p>{line}</p>" for line in report(3, 60).split("\n"))
    head = "<html><head><title>甲报告_示例站</title></head><body><nav>首页 新闻 登录</nav>"
    page = f"{head}<article><h1>甲报告</h1>{body}</article><footer>版权所有</footer></body></html>"
    (folder / "c.html").write_text(page, encoding="utf-8")
    (folder / "d.bin").write_bytes(bytes(range(256)) * 8)
    records = [
        {"id": "l1", "text": report(4), "url": "https://a.example/1", "date": "2021-03-05", "n": 1e-05, "big": 1e20},
        {"id": "l2", "text": report(4) + NOISE, "list": [1, 2.5, None, True, {"a": "“引”"}]},
        {"text": "短"},
        {"id": "l4", "nothing": 1},
    ]
    lines = "\n".join(json.dumps(record, ensure_ascii=False) for record in records)
    (folder / "e.jsonl").write_text(lines + "\n", encoding="utf-8")
    return folder
