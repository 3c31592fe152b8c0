"""The command: ``python -m taoxi.spark clean IN OUT`` and ``python -m taoxi.spark dedupe IN... OUT``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from ..cleaner import Cleaner
from ..documents import Reading
from ..errors import TaoxiError
from .dedupe import KEEP, dedupe
from .stars import AT_ONCE
from .washing import clean, clean_files

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

JSONL = (".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz", ".json")
WARC = (".warc", ".warc.gz")


def _input(spark: SparkSession, path: str, kind: str) -> DataFrame:
    if kind == "parquet":
        return spark.read.parquet(path)
    # Numbers that are ids keep their digits.
    return spark.read.option("primitivesAsString", "true").json(path)


def _kind(path: str) -> str:
    name = PurePosixPath(path).name.lower()
    if name.endswith(WARC):
        return "warc"
    return "jsonl" if name.endswith(JSONL) else "parquet"


def _files(spark: SparkSession, path: str) -> list[str]:
    """The files of a folder, as Hadoop lists them: of any file system that Spark knows."""
    jvm: Any = spark._jvm
    place = jvm.org.apache.hadoop.fs.Path(path)
    system = place.getFileSystem(spark._jsc.hadoopConfiguration())
    found = [str(it.getPath().toUri().getPath()) for it in system.listStatus(place)]
    return (
        sorted(name for name in found if name.lower().endswith(WARC))
        if system.getFileStatus(place).isDirectory()
        else found
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m taoxi.spark",
        description="Washes documents, or finds the copies among them, on a Spark cluster.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    _clean_arguments(commands.add_parser("clean", help="wash Parquet, JSONL or WARC files"))
    _dedupe_arguments(commands.add_parser("dedupe", help="find the copies, as `taoxi dedupe` does on one machine"))
    return parser


def _clean_arguments(it: argparse.ArgumentParser) -> None:
    it.add_argument("input", help="a file, or a folder of files of one kind")
    it.add_argument("out", help="a folder that is not there yet")
    it.add_argument(
        "--kind", choices=("parquet", "jsonl", "warc"), help="what the input is; otherwise its name says so"
    )
    it.add_argument("--column", help="the column of texts; otherwise `text`, or `html` where there is no `text`")
    it.add_argument("--write", choices=("jsonl", "parquet"), default="jsonl", help="records as lines, or the table")
    it.add_argument("--profile", default="zh", help="the profile that documents are washed with")
    it.add_argument("--rules", help="a folder of rule files, which the executors read too")
    _cluster(it)


def _dedupe_arguments(it: argparse.ArgumentParser) -> None:
    it.add_argument(
        "input",
        nargs="+",
        help="files and folders of whatever taoxi reads, Parquet, JSONL and WARC among them, under paths that all "
        "executors have; each file is read by one task",
    )
    it.add_argument("out", help="a folder that is not there yet, in any file system that Spark knows")
    it.add_argument(
        "--against", action="append", default=[], help="what is compared with and never given out; may be given again"
    )
    it.add_argument(
        "--keep",
        choices=KEEP,
        default="longest",
        help="which of several copies is kept",
    )
    it.add_argument("--radius", type=int, default=3, help="the Hamming radius of simhashes, 0 to 6")
    it.add_argument("--no-clean", action="store_true", help="take the texts as they are: they are clean already")
    it.add_argument("--profile", default="zh", help="the profile that documents are washed with")
    it.add_argument("--rules", help="a folder of rule files, which the executors read too")
    it.add_argument("--without", action="append", default=[], help="a rule file or a step that does not act")
    it.add_argument("--encoding", help="the encoding, whatever the bytes or headers say")
    it.add_argument("--type", choices=("auto", "text", "html"), default="auto", help="what the inputs are")
    it.add_argument("--fields", help="names of the fields of a record, such as id=doc_id,text=content")
    it.add_argument("--write", choices=("jsonl", "parquet"), default="jsonl", help="results as lines, or as tables")
    it.add_argument(
        "--stars-at-once",
        type=int,
        default=AT_ONCE,
        help="so many edges between copies are decided in one task, of some 40 bytes each; more in rounds",
    )
    _cluster(it)


def _cluster(it: argparse.ArgumentParser) -> None:
    it.add_argument("--master", help="the cluster, such as spark://host:7077; otherwise as Spark is configured")


def _clean(spark: SparkSession, given: argparse.Namespace) -> None:
    cleaner = Cleaner(profile=given.profile, rules=given.rules, edits="none")
    kind = given.kind or _kind(given.input)
    if kind == "warc":
        frame = clean_files(spark, _files(spark, given.input), cleaner=cleaner)
    else:
        source = _input(spark, given.input, kind)
        column = given.column or ("text" if "text" in source.columns else "html")
        names = {name: name for name in ("id", "url", "date") if name in source.columns}
        media_type = "html" if column == "html" else "auto"
        frame = clean(source, column, media_type=media_type, record="record", cleaner=cleaner, **names)
    if given.write == "parquet":
        frame.write.parquet(given.out)
        return
    # A document that failed has no record of its own: its line says why.
    if kind != "warc":
        from pyspark.sql import functions as f

        name = f.col("id").cast("string") if "id" in frame.columns else f.lit("-")
        code, message = f.split_part("error", f.lit(": "), f.lit(1)), f.expr("substring(error, instr(error, ': ') + 2)")
        failed = f.to_json(
            f.struct(name.alias("id"), f.struct(code.alias("code"), message.alias("message")).alias("error"))
        )
        frame = frame.where("record is not null or error is not null").select(
            f.coalesce("record", failed).alias("record")
        )
    frame.select("record").write.text(given.out)


def _dedupe(spark: SparkSession, given: argparse.Namespace) -> None:
    cleaner = Cleaner(
        profile=given.profile, rules=given.rules, without=given.without, encoding=given.encoding, edits="none"
    )
    found = dedupe(
        spark,
        given.input,
        given.out,
        against=given.against,
        keep=given.keep,
        wash=not given.no_clean,
        cleaner=cleaner,
        radius=given.radius,
        reading=Reading(given.fields, given.type),
        write=given.write,
        stars_at_once=given.stars_at_once,
    )
    print(f"{found['documents']} documents, {found['kept']} kept, {found['failed']} failed", file=sys.stderr)


def run(spark: SparkSession, arguments: Sequence[str]) -> int:
    """Runs a job in a session that is there; gives the exit status."""
    return _run(spark, _parser().parse_args(arguments))


def _run(spark: SparkSession, given: argparse.Namespace) -> int:
    try:
        (_clean if given.command == "clean" else _dedupe)(spark, given)
    except TaoxiError as error:
        print(f"taoxi: {error}", file=sys.stderr)
        return 2
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a job in a session of its own."""
    from pyspark.sql import SparkSession

    given = _parser().parse_args(arguments)
    builder = SparkSession.builder.appName(f"taoxi {given.command}")
    spark = (builder.master(given.master) if given.master else builder).getOrCreate()
    try:
        return _run(spark, given)
    finally:
        spark.stop()


if __name__ == "__main__":
    sys.exit(main())
