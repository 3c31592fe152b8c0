"""A standalone cluster of two workers on this machine; what it gives is what the command line gives."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from service import free_port
from texts import BENCH, NOISE, report

pyspark = pytest.importorskip("pyspark", reason="pyspark is not installed")
pytest.importorskip("pandas", reason="pandas is not installed")
pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
pytest.importorskip("pyarrow.parquet")
if shutil.which("java") is None:
    pytest.skip("java is not installed", allow_module_level=True)

HOME = Path(pyspark.__file__).parent


class Cluster:
    """A master and workers, each a process with its own group, so that it is killed with its executors."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = free_port()
        self.url = f"spark://127.0.0.1:{self._port}"
        self._processes: list[subprocess.Popen[bytes]] = []
        self._start("master.Master", "--port", str(self._port), until="I have been elected leader")
        self.workers = [self._worker(number) for number in range(2)]

    def _worker(self, number: int) -> subprocess.Popen[bytes]:
        work = self._folder / f"worker-{number}"
        return self._start(
            "worker.Worker",
            "--cores",
            "1",
            "--memory",
            "1g",
            "--work-dir",
            str(work),
            self.url,
            until="Successfully registered",
        )

    def _start(self, name: str, *arguments: str, until: str) -> subprocess.Popen[bytes]:
        command = [
            str(HOME / "bin" / "spark-class"),
            f"org.apache.spark.deploy.{name}",
            "--host",
            "127.0.0.1",
            "--webui-port",
            "0",
        ]
        process = subprocess.Popen(
            [*command, *arguments],
            env=environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        self._processes.append(process)
        assert process.stderr is not None
        for line in process.stderr:
            if until in line.decode():
                break
        else:
            raise AssertionError(f"{name} ended")
        # What it says later must not fill the pipe.
        subprocess.Popen(["cat"], stdin=process.stderr, stdout=subprocess.DEVNULL)
        return process

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        for process in self._processes:
            if process.poll() is None:
                self.kill(process)


def environment() -> dict[str, str]:
    path = os.pathsep.join(entry for entry in sys.path if entry)
    return {
        **os.environ,
        "SPARK_HOME": str(HOME),
        "PYSPARK_PYTHON": sys.executable,
        "PYTHONPATH": path,
        "SPARK_LOCAL_IP": "127.0.0.1",
    }


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory):
    it = Cluster(tmp_path_factory.mktemp("cluster"))
    yield it
    it.stop()


def job(cluster: Cluster, *arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "taoxi.spark", *map(str, arguments), "--master", cluster.url]
    settings = {"PYSPARK_SUBMIT_ARGS": "--executor-memory 700m --driver-memory 700m pyspark-shell"}
    return subprocess.Popen(
        command, env={**environment(), **settings}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )


def done(process: subprocess.Popen[str]) -> None:
    _, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors[-4000:]


def lines(out: Path) -> list[str]:
    parts = sorted(out.glob("part-*"))
    return [line for part in parts for line in part.read_text(encoding="utf-8").rstrip("\n").split("\n") if line]


def documents(count: int) -> list[dict[str, str]]:
    return [{"id": f"d{n:05}", "url": f"https://a.example/{n}", "text": report(n, 12) + NOISE} for n in range(count)]


def wanted(run, path: Path) -> list[str]:
    return run("clean", path, "--format", "ndjson").decode().rstrip("\n").split("\n")


def test_lines_and_tables_give_the_records_of_the_command_line(cluster: Cluster, tmp_path: Path, run):
    path = tmp_path / "in.jsonl"
    path.write_text("".join(json.dumps(it, ensure_ascii=False) + "\n" for it in documents(300)), encoding="utf-8")
    done(job(cluster, "clean", path, tmp_path / "lines"))
    assert sorted(lines(tmp_path / "lines")) == sorted(wanted(run, path))
    pa.parquet.write_table(pa.Table.from_pylist(documents(300)), tmp_path / "in.parquet", row_group_size=50)
    done(job(cluster, "clean", tmp_path / "in.parquet", tmp_path / "table", "--write", "parquet"))
    table = pa.parquet.read_table(tmp_path / "table")
    assert sorted(table["record"].to_pylist()) == sorted(wanted(run, path))
    assert table.column_names == ["id", "url", "text", "flags", "error", "record"] and table["error"].null_count == 300


def test_pages_of_archives_give_the_records_of_the_command_line(cluster: Cluster, tmp_path: Path, run):
    folder = tmp_path / "warcs"
    folder.mkdir()
    for number in range(3):
        records = []
        for n in range(4):
            body = f"<html><body><p>{report(number * 4 + n, 9)}</p></body></html>".encode()
            http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + body
            fields = [
                "WARC/1.1",
                "WARC-Type: response",
                f"WARC-Record-ID: <urn:uuid:{number}-{n}>",
                "WARC-Date: 2021-01-01T00:00:00Z",
                f"WARC-Target-URI: https://a.example/{number}/{n}",
                "Content-Type: application/http; msgtype=response",
                f"Content-Length: {len(http)}",
            ]
            head = "\r\n".join(fields) + "\r\n\r\n"
            records.append(head.encode() + http + b"\r\n\r\n")
        (folder / f"{number}.warc").write_bytes(b"".join(records))
    done(job(cluster, "clean", folder, tmp_path / "out", "--kind", "warc"))
    assert sorted(lines(tmp_path / "out")) == sorted(wanted(run, folder))


def test_a_worker_killed_in_the_middle_changes_nothing(tmp_path: Path, run):
    folder = tmp_path / "in"
    folder.mkdir()
    for part in range(24):
        records = documents(40 * 24)[part * 40 : part * 40 + 40]
        for record in records:
            record["text"] *= 40
        (folder / f"{part:02}.jsonl").write_text(
            "".join(json.dumps(it, ensure_ascii=False) + "\n" for it in records), encoding="utf-8"
        )
    cluster = Cluster(tmp_path / "cluster")
    try:
        process = job(cluster, "clean", folder, tmp_path / "out", "--kind", "jsonl")
        # The first task has committed what it wrote, and others are under way.
        while process.poll() is None and not list((tmp_path / "out").glob("_temporary/0/task_*/part-*")):
            time.sleep(0.01)
        assert process.poll() is None, "the job ended before a worker could be killed"
        cluster.kill(cluster.workers[0])
        done(process)
    finally:
        cluster.stop()
    assert sorted(lines(tmp_path / "out")) == sorted(wanted(run, folder))


def test_the_corpus_gives_the_records_of_the_command_line(cluster: Cluster, tmp_path: Path, run):
    source = BENCH / "dedup" / "base-zh.jsonl.gz"
    if not source.exists():
        pytest.skip("no ../shared/bench/dedup beside this folder")
    done(job(cluster, "clean", source, tmp_path / "out"))
    assert sorted(lines(tmp_path / "out")) == sorted(wanted(run, source))


def test_what_does_not_fit_is_named(cluster: Cluster, tmp_path: Path):
    pa.parquet.write_table(pa.table({"n": [1]}), tmp_path / "n.parquet")
    process = job(cluster, "clean", tmp_path / "n.parquet", tmp_path / "out")
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 2 and "no column `html` of strings or bytes, only n" in errors
