"""A run on a cluster: what ``taoxi dedupe`` finds on one machine, for archives beyond it.

Rows lie in a folder of the output between the stages. The driver holds the list of the input files and a few counts;
everything else is in the executors, and grows with what a group of documents has in common, not with the archive.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Union
from urllib.parse import unquote, urlsplit

from .. import _native
from ..cleaner import Cleaner
from ..documents import Reading
from ..errors import TaoxiError
from . import candidates, relations, results, stars
from .stages import Asked, Room, path_of, pretty, stage, write_text

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

Path = Union[str, "os.PathLike[str]"]

#: Where the rows between stages lie: Spark passes over names that begin so.
SCRATCH = "_taoxi"
#: Tasks of washing for each core, if there are files enough.
TASKS = 32
#: Bits of the number of a document in its file.
IN_FILE = 36

KEEP = ("longest", "cleanest", "earliest", "first")

SETTINGS = {
    # Texts make batches large.
    "spark.sql.execution.arrow.maxRecordsPerBatch": "1000",
    "spark.sql.execution.arrow.maxBytesPerBatch": str(16 << 20),
}


def dedupe(
    spark: SparkSession,
    inputs: Path | Sequence[Path],
    out: str,
    *,
    against: Sequence[Path] = (),
    keep: str = "longest",
    wash: bool = True,
    cleaner: Cleaner | None = None,
    radius: int = 3,
    reading: Reading | None = None,
    write: str = "jsonl",
    stars_at_once: int = stars.AT_ONCE,
) -> dict[str, Any]:
    """Finds the copies among the documents of files and folders, which all executors can read under these paths.

    ``out`` is a folder that is not there yet; it may lie in any file system that Spark knows. ``write`` says whether
    ``documents``, ``relations`` and ``kept`` in it are folders of ``jsonl`` or of ``parquet`` files. Gives what is in
    ``summary.json``. Up to ``stars_at_once`` edges between copies are decided in one task, more in rounds.
    """
    if keep not in KEEP:
        raise TaoxiError("usage", f"keep is one of {', '.join(KEEP)}, not `{keep}`")
    if not 0 <= radius <= 6:
        raise TaoxiError("usage", f"radius is 0 to 6, not {radius}")
    if write not in ("jsonl", "parquet"):
        raise TaoxiError("usage", f"write is jsonl or parquet, not `{write}`")
    reading = reading or Reading()
    if reading.id_dup != "error":
        raise TaoxiError("usage", "ids that are repeated are errors here: a cluster cannot number them in order")
    place, system = path_of(spark, out)
    if system.exists(place):
        raise TaoxiError("usage", f"{out} is there already: name a folder that is not")
    asked = Asked(keep=keep, radius=radius, wash=wash, reading=reading)
    own = [inputs] if isinstance(inputs, (str, os.PathLike)) else list(inputs)
    room = Room(spark, f"{out}/{SCRATCH}")
    before = {name: spark.conf.get(name, None) for name in SETTINGS}
    try:
        for name, value in SETTINGS.items():
            spark.conf.set(name, value)
        told = _Run(room, asked, cleaner or Cleaner(edits="none"), out, write, stars_at_once).run(own, list(against))
    finally:
        for name, old in before.items():
            spark.conf.unset(name) if old is None else spark.conf.set(name, old)
    scratch, system = path_of(spark, room.folder)
    system.delete(scratch, True)
    return told


class _Run:
    def __init__(self, room: Room, asked: Asked, cleaner: Cleaner, out: str, form: str, at_once: int) -> None:
        self.room, self.asked, self.cleaner = room, asked, cleaner
        self.out, self.form, self.at_once = out, form, at_once

    def run(self, own: list[Path], against: list[Path]) -> dict[str, Any]:
        room, asked = self.room, self.asked
        washed = room.keep(self._washed(own, against), "washed")
        repeated = self._repeated(washed)
        ranked = self._ranked(washed, repeated)
        texts = washed.where("part = -1 and not failed").select("doc", "text")
        pairs = candidates.pairs(room, ranked, asked)
        found = room.keep(relations.related(room, pairs, ranked, texts, asked, "pairs"), "found")
        wholes = washed.where("part = -1")
        fine = (
            wholes.where("not failed")
            if repeated is None
            else wholes.where("not failed").join(repeated, "doc", "left_anti")
        )
        settled = relations.settle(room, found, fine.select("doc", "id", "standing"), texts, asked)
        held, every = stars.held(room, settled, ranked, texts, asked, self.at_once)
        self._write(wholes, fine, repeated, settled, held, every)
        summary = self._summary(wholes, repeated, settled, held, every)
        write_text(room.spark, f"{self.out}/summary.json", summary)
        place, system = path_of(room.spark, room.folder)
        run = {
            "seconds": round(sum(room.seconds.values()), 3),
            "stages": room.seconds,
            "cores": room.spark.sparkContext.defaultParallelism,
            "scratch_bytes": system.getContentSummary(place).getLength(),
        }
        write_text(room.spark, f"{self.out}/run.json", pretty(run))
        told: dict[str, Any] = json.loads(summary)
        return told

    def _washed(self, own: list[Path], against: list[Path]) -> DataFrame:
        """A row for each document and each of its parts."""
        spark = self.room.spark
        skip = [_local(self.out)]
        files: list[tuple[int, str, str, bool]] = []
        failed: list[tuple[int, str, bytearray, bool]] = []
        number = 0
        for paths, given in ((own, False), (against, True)):
            for path, name, record in _native.files([_local(path) for path in paths], skip):
                if path is None:
                    failed.append((number << IN_FILE, name, bytearray((record or "").encode()), given))
                else:
                    files.append((number, path, name, given))
                number += 1
        tasks = max(1, min(len(files), TASKS * spark.sparkContext.defaultParallelism))
        frame = spark.createDataFrame(files, "file long, path string, id string, given boolean").repartition(tasks)
        washed = stage(frame, "wash", self.asked, self.cleaner)
        if not failed:
            return washed
        unread = spark.createDataFrame(failed, "doc long, id string, head binary, given boolean")
        return washed.unionByName(unread.selectExpr("*", "-1 as part", "true as failed"), allowMissingColumns=True)

    def _repeated(self, washed: DataFrame) -> DataFrame | None:
        """The documents whose ids were there before, with the records that say so; none where there are none."""
        from pyspark.sql import functions as f

        named = washed.where("part = -1 and not failed").select("given", "id", "doc", "place")
        firsts = named.groupBy("given", "id").agg(f.min("doc").alias("first"), f.count("*").alias("count"))
        again = (
            named.join(firsts.where("count > 1"), ["given", "id"]).where("doc != first").select("doc", "id", "place")
        )
        rows = self.room.keep(again.mapInArrow(_errors, "doc long, repeated binary"), "repeated")
        return None if rows.isEmpty() else rows

    def _ranked(self, washed: DataFrame, repeated: DataFrame | None) -> DataFrame:
        """The pieces, with ranks: the smaller is the better one."""
        from pyspark.sql import functions as f

        pieces = washed.where("not failed")
        if repeated is not None:
            pieces = pieces.join(repeated, "doc", "left_anti")
        columns = ["doc", "part", "start", "end", "given", "id", "weight", "simhash", "exact", "units", "winnow"]
        ordered = pieces.select(*columns, "key").orderBy("key", "id", "part")
        return self.room.keep(ordered.select(*columns, f.monotonically_increasing_id().alias("rank")), "ranked")

    def _write(
        self,
        wholes: DataFrame,
        fine: DataFrame,
        repeated: DataFrame | None,
        settled: relations.Settled,
        held: DataFrame,
        every: DataFrame,
    ) -> None:
        from pyspark.sql import functions as f

        room, asked = self.room, self.asked
        anew = settled.standings.select("doc", f.col("standing").alias("settled"))
        known = fine.select("doc", "id", "standing").join(anew, "doc", "left")
        known = room.keep(known.select("doc", "id", f.coalesce("settled", "standing").alias("standing")), "known")
        own = wholes.where("not given").select("doc", f.expr("if(failed, head, null)").alias("head"))
        if repeated is not None:
            own = own.join(repeated, "doc", "left").select("doc", f.coalesce("repeated", "head").alias("head"))
        steps = {
            "relations": results.relation_lines(every, known, asked),
            "documents": results.document_lines(own, known, held, asked),
            "kept": results.records(
                fine.where("not given").select("doc", "head", "text").join(held.select("doc"), "doc", "left_anti"),
                settled.compilations,
                asked,
            ),
        }
        for name, lines in steps.items():
            results.write(lines, self.out, name, self.form)
            room.lap(name)

    def _summary(
        self,
        wholes: DataFrame,
        repeated: DataFrame | None,
        settled: relations.Settled,
        held: DataFrame,
        every: DataFrame,
    ) -> str:
        from pyspark.sql import functions as f

        documents = wholes.select("doc", "failed", "given", "bytes", "size")
        if repeated is not None:
            documents = documents.join(repeated, "doc", "left").withColumn(
                "failed", f.col("failed") | f.col("repeated").isNotNull()
            )
        summary = results.summary(self.room, documents, held, every, settled.compilations, self.asked, self.cleaner)
        self.room.lap("summary")
        return summary


def _errors(batches: Iterator[Any]) -> Iterator[Any]:
    import pyarrow as pa

    for batch in batches:
        rows = batch.to_pydict()
        records = [_native.repeated(place, name).encode() for place, name in zip(rows["place"], rows["id"])]
        yield pa.record_batch([pa.array(rows["doc"]), pa.array(records)], names=["doc", "repeated"])


def _local(path: Path) -> str:
    """The path of a file that this machine and the executors have mounted."""
    text = os.fspath(path)
    # Executors work in folders of their own.
    return os.path.abspath(unquote(urlsplit(text).path) if text.startswith("file:") else text)  # noqa: PTH100
