"""The result files: folders of part files, in the order of the input."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import _native
from ..cleaner import Cleaner
from .stages import Asked, Room, stage

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

#: What tables hold of the lines.
TABLES = {
    "documents": "id string, cluster string, keep boolean, kind string, of string, "
    "why struct<code: string, text: string, params: map<string, double>>, error struct<code: string, message: string>",
    "relations": "kind string, a string, b string, a_part int, b_part int, a_in_b double, b_in_a double, "
    "simhash_distance int, passages array<struct<a: array<long>, b: array<long>>>, suspicion string, keep string, "
    "why struct<code: string, text: string, params: map<string, double>>",
    "kept": "id string, title string, text string, flags array<string>, rules array<string>",
}


def write(lines: DataFrame, out: str, name: str, form: str) -> None:
    """Writes lines as they are, or as a table. Kept documents have their whole records beside them there."""
    from pyspark.sql import functions as f

    if form == "jsonl":
        lines.write.text(f"{out}/{name}")
        return
    table = lines.select(f.from_json("value", TABLES[name]).alias("it"), f.col("value").alias("record"))
    table.select("it.*", *(["record"] if name == "kept" else [])).write.parquet(f"{out}/{name}")


def relation_lines(relations: DataFrame, known: DataFrame, asked: Asked) -> DataFrame:
    """A line for each relation."""
    from pyspark.sql import functions as f

    for side in ("a", "b"):
        named = known.select(
            f.col("doc").alias(side), f.col("id").alias(f"{side}_id"), f.col("standing").alias(f"{side}_standing")
        )
        relations = relations.join(named, side)
    return stage(relations.orderBy("a", "b", "kind"), "relation_lines", asked)


def document_lines(documents: DataFrame, known: DataFrame, held: DataFrame, asked: Asked) -> DataFrame:
    """A line for each document: ``documents`` has ``doc`` and, of those that failed, their records as ``head``."""
    from pyspark.sql import functions as f

    best = f.min(f.struct("rank", "doc", "own", "others")).alias("best")
    stars = (
        held.groupBy("by_doc")
        .agg(f.count("*").alias("copies"), best)
        .select(
            f.col("by_doc").alias("doc"),
            "copies",
            f.col("best.doc").alias("best_doc"),
            f.col("best.own").alias("best_own"),
            f.col("best.others").alias("best_others"),
        )
    )

    def named(name: str) -> DataFrame:
        return known.select(
            f.col("doc").alias(f"{name}_doc"),
            f.col("id").alias(f"{name}_id"),
            f.col("standing").alias(f"{name}_standing"),
        )

    held = held.select("doc", "by_doc", "by_kind", "own", "others").join(
        named("of").withColumnRenamed("of_doc", "by_doc"), "by_doc"
    )
    stars = stars.join(named("best"), "best_doc")
    rows = documents.join(known, "doc", "left").join(held, "doc", "left").join(stars, "doc", "left")
    return stage(rows.orderBy("doc"), "document_lines", asked)


def records(documents: DataFrame, compilations: DataFrame, asked: Asked) -> DataFrame:
    """The records of documents: ``doc``, ``head`` and ``text``."""
    from pyspark.sql import functions as f

    named = compilations.select("doc", f.lit(True).alias("compilation"))
    rows = documents.join(named, "doc", "left").withColumn("compilation", f.coalesce("compilation", f.lit(False)))
    return stage(rows.orderBy("doc"), "records", asked)


def summary(
    room: Room,
    documents: DataFrame,
    held: DataFrame,
    relations: DataFrame,
    compilations: DataFrame,
    asked: Asked,
    cleaner: Cleaner,
) -> str:
    """``summary.json``: a few counts come to the driver.

    ``documents`` has ``doc``, ``failed``, ``given``, ``bytes`` and ``size``.
    """
    from pyspark.sql import functions as f

    named = held.select("doc", "by_doc", "by_kind")
    kinds = (
        documents.join(named, "doc", "left")
        .groupBy("failed", "given", "by_kind")
        .agg(f.count("*").alias("count"), f.sum("bytes").alias("bytes"), f.sum("size").alias("size"))
    )
    counts = dict.fromkeys(("documents", "failed", "kept", "source_bytes", "text_bytes", "kept_text_bytes"), 0)
    copies: dict[str, int] = {}
    for row in kinds.collect():
        if row["failed"]:
            counts["failed"] += row["count"]
            continue
        if row["given"]:
            continue
        counts["documents"] += row["count"]
        counts["source_bytes"] += row["bytes"]
        counts["text_bytes"] += row["size"]
        if row["by_kind"] is None:
            counts["kept"] += row["count"]
            counts["kept_text_bytes"] += row["size"]
        else:
            copies[_native.KINDS[row["by_kind"]]] = row["count"]
    found: dict[str, int] = {}
    counts["spun"] = 0
    for row in relations.groupBy("kind", "spun").count().collect():
        name = _native.KINDS[row["kind"]]
        found[name] = found.get(name, 0) + row["count"]
        counts["spun"] += row["count"] if row["spun"] else 0
    # A star around a document that is only compared with is no cluster of the run.
    own = documents.where("not given").select(f.col("doc").alias("by_doc"))
    stars = named.groupBy("by_doc").count().join(own, "by_doc", "left_semi")
    row = stars.agg(f.count("*").alias("count"), f.coalesce(f.max("count"), f.lit(-1)).alias("largest")).collect()[0]
    counts.update(clusters=row["count"], largest=row["largest"] + 1, compilations=compilations.count())
    return _native.summary(cleaner._native, counts, copies, found, asked.keep)
