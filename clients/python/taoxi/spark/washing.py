"""Documents washed on a cluster: a column of a DataFrame, or the files that taoxi reads itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ..arrow import clean_arrow
from ..cleaner import Cleaner
from ..errors import TaoxiError

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession


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
    from ..documents import Reading

    return Reading()
