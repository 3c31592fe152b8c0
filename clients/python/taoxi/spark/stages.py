"""What tasks do to their rows: the stages of the native half, put to DataFrames; and where rows lie between them."""

from __future__ import annotations

import dataclasses
import itertools
import json
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from .. import _native
from ..cleaner import Cleaner
from ..documents import Reading

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession


@dataclasses.dataclass(frozen=True)
class Asked:
    """What stages are told."""

    #: Which of several copies is kept: longest, cleanest, earliest or first.
    keep: str = "longest"
    #: The Hamming radius of simhashes, 0 to 6.
    radius: int = 3
    #: Whether documents are washed; otherwise they are only decoded.
    wash: bool = True
    #: Whether relations of texts that have nothing to do with each other are given, too.
    all: bool = False
    reading: Reading = dataclasses.field(default_factory=Reading)


def stage(frame: DataFrame, name: str, asked: Asked, cleaner: Cleaner | None = None) -> DataFrame:
    """The rows that a stage makes of others, in the executors, without a Python object for any of them."""

    def work(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa

        first = next(batches, None)
        if first is None:
            return
        source = pa.RecordBatchReader.from_batches(first.schema, itertools.chain([first], batches))
        native = cleaner._native if cleaner is not None else None
        yield from pa.RecordBatchReader.from_stream(_native.stage(name, source, asked, native))

    return frame.mapInArrow(work, _native.columns(name))


class Room:
    """A folder in which the rows between stages lie: what a killed worker had done is done again, and nothing else."""

    def __init__(self, spark: SparkSession, folder: str) -> None:
        self.spark = spark
        self.folder = folder
        #: Seconds of the steps, in order.
        self.seconds: dict[str, float] = {}
        self._last = time.monotonic()

    def keep(self, frame: DataFrame, name: str) -> DataFrame:
        """Writes rows down, and gives them back."""
        path = f"{self.folder}/{name}"
        frame.write.parquet(path)
        self.lap(name)
        return self.spark.read.schema(frame.schema).parquet(path)

    def lap(self, name: str) -> None:
        """Notes how long a step took."""
        now = time.monotonic()
        self.seconds[name] = round(now - self._last, 3)
        self._last = now


def path_of(spark: SparkSession, path: str) -> Any:
    """A path of any file system that Spark knows, and that file system."""
    jvm: Any = spark._jvm
    place = jvm.org.apache.hadoop.fs.Path(path)
    return place, place.getFileSystem(spark._jsc.hadoopConfiguration())


def write_text(spark: SparkSession, path: str, text: str) -> None:
    """Writes a small file."""
    place, system = path_of(spark, path)
    out = system.create(place)
    try:
        out.write(bytearray(text.encode()))
    finally:
        out.close()


def pretty(value: dict[str, Any]) -> str:
    """JSON for people."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
