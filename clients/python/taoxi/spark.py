"""Spark: documents washed on a cluster, with the wheel inside the executors.

``python -m taoxi.spark clean IN OUT`` washes Parquet, JSONL or WARC files; ``clean`` does the same to a DataFrame.
The executors need this package: install it there, or send an environment along as Spark's documentation describes.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from .arrow import clean_arrow
from .cleaner import Cleaner
from .errors import TaoxiError

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession

JSONL = (".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz", ".json")
WARC = (".warc", ".warc.gz")


def clean(
    frame: DataFrame,
    column: str = "text",
    *,
    id: str | None = None,
    url: str | None = None,
    date: str | None = None,
    media_type: str = "auto",
    record: str | None = None,
    cleaner: Cleaner | None = None,
) -> DataFrame:
    """Washes a column of a DataFrame: batches go through the executors as Arrow, and no row becomes a Python object.

    ``id``, ``url`` and ``date`` name columns; ``record`` names a column for whole records as JSON. The columns
    ``flags`` and ``error`` are added.
    """
    from pyspark.sql.types import ArrayType, BinaryType, StringType, StructField, StructType

    kind = frame.schema[column].dataType if column in frame.columns else None
    if not isinstance(kind, (StringType, BinaryType)):
        raise TaoxiError("usage", f"there is no column `{column}` of strings or bytes, only {', '.join(frame.columns)}")
    fields = [StructField(column, StringType()) if field.name == column else field for field in frame.schema]
    made = [StructField("flags", ArrayType(StringType())), StructField("error", StringType())]
    extra = [StructField(record, StringType())] if record else []
    schema = StructType([*fields, *made, *extra])
    washer = cleaner or Cleaner(edits="none")
    names = {"id": id, "url": url, "date": date, "media_type": media_type, "record": record}

    def wash(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        return _washed(batches, column, washer, names)

    return frame.mapInArrow(wash, schema)


def _washed(
    batches: Iterator[pa.RecordBatch], column: str, cleaner: Cleaner, names: dict[str, Any]
) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa

    for batch in batches:
        # A task is one core's work: the others are for the other tasks.
        out = pa.RecordBatchReader.from_stream(clean_arrow(batch, column, threads=1, cleaner=cleaner, **names))
        for washed in out:
            # What bytes became, and records, come as large strings; Spark takes plain ones.
            plain = [pa.string() if pa.types.is_large_string(field.type) else field.type for field in washed.schema]
            columns = [one.cast(kind) for one, kind in zip(washed.columns, plain)]
            yield pa.record_batch(columns, names=washed.schema.names)


def clean_files(spark: SparkSession, paths: Sequence[str], *, cleaner: Cleaner | None = None) -> DataFrame:
    """Washes files that taoxi reads itself, such as WARC, each in a task: a DataFrame with ``file``, ``number``,
    ``failed`` and the ``record`` as JSON.

    The executors open the paths: they lie where all of them can read.
    """
    washer = cleaner or Cleaner(edits="none")

    def wash(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa

        for batch in batches:
            for file in batch.column("file").to_pylist():
                lines = washer._native.clean_files([file], _reading(), True, 1)
                rows: list[tuple[int, bool, str]] = []
                for number, (text, failed) in enumerate(lines):
                    rows.append((number, failed, text))
                    if len(rows) == 256:
                        yield _rows(pa, file, rows)
                        rows = []
                if rows:
                    yield _rows(pa, file, rows)

    files = spark.createDataFrame([(path,) for path in paths], "file string").repartition(max(1, len(paths)))
    return files.mapInArrow(wash, "file string, number long, failed boolean, record string")


def _rows(pa: Any, file: str, rows: list[tuple[int, bool, str]]) -> Any:
    numbers, failed, records = zip(*rows)
    columns = [pa.array([file] * len(rows)), pa.array(numbers), pa.array(failed), pa.array(records)]
    return pa.record_batch(columns, names=["file", "number", "failed", "record"])


def _reading() -> Any:
    from .documents import Reading

    return Reading()


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
    parser = argparse.ArgumentParser(prog="python -m taoxi.spark", description="Washes documents on a Spark cluster.")
    commands = parser.add_subparsers(dest="command", required=True)
    it = commands.add_parser("clean", help="wash Parquet, JSONL or WARC files")
    it.add_argument("input", help="a file, or a folder of files of one kind")
    it.add_argument("out", help="a folder that is not there yet")
    it.add_argument(
        "--kind", choices=("parquet", "jsonl", "warc"), help="what the input is; otherwise its name says so"
    )
    it.add_argument("--column", help="the column of texts; otherwise `text`, or `html` where there is no `text`")
    it.add_argument("--write", choices=("jsonl", "parquet"), default="jsonl", help="records as lines, or the table")
    it.add_argument("--profile", default="zh", help="the profile that documents are washed with")
    it.add_argument("--rules", help="a folder of rule files, which the executors read too")
    it.add_argument("--master", help="the cluster, such as spark://host:7077; otherwise as Spark is configured")
    return parser


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


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a job."""
    from pyspark.sql import SparkSession

    given = _parser().parse_args(arguments)
    builder = SparkSession.builder.appName(f"taoxi {given.command}")
    spark = (builder.master(given.master) if given.master else builder).getOrCreate()
    try:
        _clean(spark, given)
    except TaoxiError as error:
        print(f"taoxi: {error}", file=sys.stderr)
        return 2
    finally:
        spark.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
