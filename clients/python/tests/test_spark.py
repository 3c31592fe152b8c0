"""A standalone cluster of two workers on this machine; what it gives is what the command line gives."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from service import free_port
from texts import BENCH, NOISE, every_kind, report

pyspark = pytest.importorskip("pyspark", reason="pyspark is not installed")
pytest.importorskip("pandas", reason="pandas is not installed")
pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
pytest.importorskip("pyarrow.parquet")
if shutil.which("java") is None:
    pytest.skip("java is not installed", allow_module_level=True)

HOME = Path(pyspark.__file__).parent


REGISTERED = "Successfully registered"


def wait(process: subprocess.Popen[bytes], until: str) -> None:
    """Waits until a process says something."""
    assert process.stderr is not None
    for line in process.stderr:
        if until in line.decode():
            break
    else:
        raise AssertionError("a process of the cluster ended")
    # What it says later must not fill the pipe.
    subprocess.Popen(["cat"], stdin=process.stderr, stdout=subprocess.DEVNULL)


class Cluster:
    """A master and workers, each a process with its own group, so that it is killed with its executors."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = free_port()
        self.url = f"spark://127.0.0.1:{self._port}"
        self._processes: list[subprocess.Popen[bytes]] = []
        wait(self._start("master.Master", "--port", str(self._port)), "I have been elected leader")
        # Both at a time: what takes long is to begin.
        self.workers = [self._worker(number) for number in range(2)]
        for worker in self.workers:
            wait(worker, REGISTERED)

    def replace(self) -> None:
        """Has a worker for the first one, which was killed."""
        self.workers[0] = self._worker(len(self._processes))
        wait(self.workers[0], REGISTERED)

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
        )

    def _start(self, name: str, *arguments: str) -> subprocess.Popen[bytes]:
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


SETTINGS = {
    "spark.driver.memory": "700m",
    "spark.executor.memory": "700m",
    # There is little to do: what is planned anew and compiled would take most of the time.
    "spark.sql.shuffle.partitions": "4",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.ui.enabled": "false",
}


@pytest.fixture(scope="module")
def job(cluster: Cluster):
    """Runs a command in a session on the cluster: what a session costs to begin with is paid once."""
    from pyspark.sql import SparkSession

    from taoxi.spark.__main__ import run

    own = {name: value for name, value in environment().items() if os.environ.get(name) != value}
    patch = pytest.MonkeyPatch()
    for name, value in own.items():
        patch.setenv(name, value)
    builder = SparkSession.builder.master(cluster.url)
    for name, value in SETTINGS.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    yield lambda *arguments: run(spark, [str(it) for it in arguments])
    spark.stop()
    patch.undo()


def broken(cluster: Cluster, begun: Callable[[], bool], task: Callable[[], int]) -> None:
    """Kills a worker while a task is under way, and has a new one when it is done."""
    status: list[int] = []
    thread = threading.Thread(target=lambda: status.append(task()))
    thread.start()
    while thread.is_alive() and not begun():
        time.sleep(0.01)
    assert thread.is_alive(), "the job ended before a worker could be killed"
    cluster.kill(cluster.workers[0])
    thread.join()
    cluster.replace()
    assert status == [0]


def lines(out: Path) -> list[str]:
    parts = sorted(out.glob("part-*"))
    return [line for part in parts for line in part.read_text(encoding="utf-8").rstrip("\n").split("\n") if line]


def documents(count: int) -> list[dict[str, str]]:
    return [{"id": f"d{n:05}", "url": f"https://a.example/{n}", "text": report(n, 12) + NOISE} for n in range(count)]


def wanted(run, path: Path) -> list[str]:
    return run("clean", path, "--format", "ndjson").decode().rstrip("\n").split("\n")


def test_lines_and_tables_give_the_records_of_the_command_line(job, tmp_path: Path, run):
    path = tmp_path / "in.jsonl"
    path.write_text("".join(json.dumps(it, ensure_ascii=False) + "\n" for it in documents(300)), encoding="utf-8")
    assert job("clean", path, tmp_path / "lines") == 0
    assert sorted(lines(tmp_path / "lines")) == sorted(wanted(run, path))
    pa.parquet.write_table(pa.Table.from_pylist(documents(300)), tmp_path / "in.parquet", row_group_size=50)
    assert job("clean", tmp_path / "in.parquet", tmp_path / "table", "--write", "parquet") == 0
    table = pa.parquet.read_table(tmp_path / "table")
    assert sorted(table["record"].to_pylist()) == sorted(wanted(run, path))
    assert table.column_names == ["id", "url", "text", "flags", "error", "record"] and table["error"].null_count == 300


def warc(pages: list[tuple[str, str]]) -> bytes:
    """A WARC file of pages: their addresses and their texts."""
    records = []
    for number, (url, text) in enumerate(pages):
        body = f"<html><body><p>{text}</p></body></html>".encode()
        http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + body
        fields = [
            "WARC/1.1",
            "WARC-Type: response",
            f"WARC-Record-ID: <urn:uuid:{number}>",
            "WARC-Date: 2021-01-01T00:00:00Z",
            f"WARC-Target-URI: {url}",
            "Content-Type: application/http; msgtype=response",
            f"Content-Length: {len(http)}",
        ]
        records.append(("\r\n".join(fields) + "\r\n\r\n").encode() + http + b"\r\n\r\n")
    return b"".join(records)


def test_pages_of_archives_give_the_records_of_the_command_line(job, tmp_path: Path, run):
    folder = tmp_path / "warcs"
    folder.mkdir()
    for number in range(3):
        pages = [(f"https://a.example/{number}/{n}", report(number * 4 + n, 9)) for n in range(4)]
        (folder / f"{number}.warc").write_bytes(warc(pages))
    assert job("clean", folder, tmp_path / "out", "--kind", "warc") == 0
    assert sorted(lines(tmp_path / "out")) == sorted(wanted(run, folder))


def test_a_worker_killed_in_the_middle_changes_nothing(cluster: Cluster, job, tmp_path: Path, run):
    folder = tmp_path / "in"
    folder.mkdir()
    for part in range(16):
        records = documents(40 * 16)[part * 40 : part * 40 + 40]
        for record in records:
            record["text"] *= 30
        (folder / f"{part:02}.jsonl").write_text(
            "".join(json.dumps(it, ensure_ascii=False) + "\n" for it in records), encoding="utf-8"
        )
    out = tmp_path / "out"
    # The first task has committed what it wrote, and others are under way.
    begun = lambda: bool(list(out.glob("_temporary/0/task_*/part-*")))  # noqa: E731
    broken(cluster, begun, lambda: job("clean", folder, out, "--kind", "jsonl"))
    assert sorted(lines(out)) == sorted(wanted(run, folder))


def test_the_corpus_gives_the_records_of_the_command_line(job, tmp_path: Path, run):
    source = BENCH / "dedup" / "base-zh.jsonl.gz"
    if not source.exists():
        pytest.skip("no ../shared/bench/dedup beside this folder")
    assert job("clean", source, tmp_path / "out") == 0
    assert sorted(lines(tmp_path / "out")) == sorted(wanted(run, source))


def test_what_does_not_fit_is_named(cluster: Cluster, tmp_path: Path):
    pa.parquet.write_table(pa.table({"n": [1]}), tmp_path / "n.parquet")
    command = [sys.executable, "-m", "taoxi.spark", "clean", str(tmp_path / "n.parquet"), str(tmp_path / "out")]
    settings = " ".join(f"--conf {name}={value}" for name, value in SETTINGS.items())
    env = {**environment(), "PYSPARK_SUBMIT_ARGS": f"{settings} pyspark-shell"}
    done = subprocess.run(
        [*command, "--master", "local[1]"], env=env, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 2 and "no column `html` of strings or bytes, only n" in done.stderr


def corpus(folder: Path) -> Path:
    """Documents with copies of every kind, in files of each format: lines, a table, pages of an archive, texts."""
    folder.mkdir()
    texts, made = folder / "texts", every_kind()
    texts.mkdir()
    count = len(made)
    cuts = [made[: count // 3], made[count // 3 : count * 2 // 3], made[count * 2 // 3 :]]
    # Of two with the same id, in two files, the second fails; so does one without a text. One has no id.
    again = {**cuts[0][0], "text": report(9001)}
    for name, records in (("a", cuts[0]), ("d", [*cuts[1], again, {"id": "nothing"}, {"text": report(9002)}])):
        with (folder / f"{name}.jsonl").open("w", encoding="utf-8") as out:
            out.writelines(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    pa.parquet.write_table(pa.Table.from_pylist(cuts[2]), folder / "b.parquet", row_group_size=40)
    pages = [(f"https://b.example/{n}", record["text"]) for n, record in enumerate(made[::9])]
    (folder / "c.warc").write_bytes(warc(pages))
    for n in range(6):
        (texts / f"{n}.txt").write_text(report(n, 12) + NOISE, encoding="utf-8")
    return folder


def test_copies_are_those_of_the_command_line(job, tmp_path: Path, run, capsys):
    folder = corpus(tmp_path / "in")
    run("dedupe", folder, "--out", tmp_path / "cli")
    out = tmp_path / "out"
    assert job("dedupe", folder, out) == 0
    for name in ("documents", "relations", "kept"):
        # In the same order, too.
        want = (tmp_path / "cli" / f"{name}.ndjson").read_text(encoding="utf-8")
        assert lines(out / name) == want.rstrip("\n").split("\n"), name
    assert (out / "summary.json").read_bytes() == (tmp_path / "cli" / "summary.json").read_bytes()
    assert sorted(path.name for path in out.iterdir() if path.name[0] != ".") == [
        "documents",
        "kept",
        "relations",
        "run.json",
        "summary.json",
    ]
    summary = json.loads((out / "summary.json").read_bytes())
    assert set(summary["relations"]) >= {"exact", "near", "truncated", "part", "overlap", "template"}
    assert summary["compilations"] > 1 and summary["failed"] == 2
    assert job("dedupe", folder, out) == 2 and "name a folder that is not" in capsys.readouterr().err


def test_a_worker_killed_while_copies_are_sought_changes_nothing(cluster: Cluster, job, tmp_path: Path, run):
    folder = corpus(tmp_path / "in")
    against = tmp_path / "against"
    against.mkdir()
    for n in range(20, 24):
        (against / f"{n}.txt").write_text(report(n), encoding="utf-8")
    options = ["--against", against, "--keep", "earliest", "--radius", "4", "--profile", "unify"]
    run("dedupe", folder, "--out", tmp_path / "cli", *options)
    out = tmp_path / "out"
    command = ["dedupe", folder, out, *options, "--write", "parquet", "--stars-at-once", "0"]
    broken(cluster, (out / "_taoxi" / "firsts" / "_SUCCESS").exists, lambda: job(*command))
    table = {name: pa.parquet.read_table(out / name).to_pylist() for name in ("documents", "relations", "kept")}
    want = {
        name: [json.loads(line) for line in (tmp_path / "cli" / f"{name}.ndjson").open(encoding="utf-8")]
        for name in table
    }
    for name in ("documents", "relations"):
        for row, line in zip(table[name], want[name]):
            if row["why"] is not None:
                row["why"]["params"] = dict(row["why"]["params"])
            assert {key: row[key] for key in line} == line
        assert len(table[name]) == len(want[name])
    assert [json.loads(row["record"]) for row in table["kept"]] == want["kept"]
    assert (out / "summary.json").read_bytes() == (tmp_path / "cli" / "summary.json").read_bytes()
