"""Pieces compared, texts at hand; one relation for two documents; compilations told from copies."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from .. import _native
from .stages import Asked, Room, stage

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

#: Pieces of a group, besides the better ones that they are compared with.
CHUNK = 64
#: What is known of a piece that is compared.
PIECE = ("rank", "doc", "part", "start", "end", "weight", "simhash", "given", "id")


def related(room: Room, pairs: DataFrame, pieces: DataFrame, texts: DataFrame, asked: Asked, name: str) -> DataFrame:
    """Compares pairs: ``rank`` of the worse and ``other`` of the better one.

    Pieces that are compared with the same best piece make a group, a crowd several, and to each group a text is sent
    once, however many pairs it stands in.
    """
    from pyspark.sql import Window
    from pyspark.sql import functions as f

    labels = pairs.groupBy("rank").agg(f.min("other").alias("label"))
    place = f.row_number().over(Window.partitionBy("label").orderBy("rank"))
    groups = labels.withColumn("chunk", f.floor((place - 1) / CHUNK))
    grouped = room.keep(pairs.join(groups, "rank").select("label", "chunk", "rank", "other"), f"{name}-groups")
    worse, better = grouped.select("label", "chunk", "rank"), grouped.select("label", "chunk", f.expr("other as rank"))
    needed = worse.unionByName(better).distinct()
    rows = needed.join(pieces.select(*PIECE), "rank").join(texts, "doc").withColumn("pair", f.lit(False))
    both = rows.unionByName(grouped.withColumn("pair", f.lit(True)), allowMissingColumns=True)
    keys = ["label", "chunk"]
    return stage(both.repartition(*keys).sortWithinPartitions(*keys, "pair"), "relate", asked)


@dataclasses.dataclass(frozen=True)
class Settled:
    """What is known when all pairs were compared."""

    #: Relations between documents with their final kinds.
    relations: DataFrame
    #: Documents of which copies were found: ``doc``, ``id``, ``standing``, and ``rank``, smaller for the better.
    standings: DataFrame
    #: Documents that are compilations.
    compilations: DataFrame


def settle(room: Room, found: DataFrame, documents: DataFrame, texts: DataFrame, asked: Asked) -> Settled:
    """Settles relations: ``documents`` has ``doc``, ``id`` and ``standing``."""
    from pyspark.sql import functions as f

    lesser, larger = f.least("a", "b"), f.greatest("a", "b")
    both = found.repartition(lesser, larger).sortWithinPartitions(lesser, larger)
    single = room.keep(stage(both, "of_pair", asked), "single")
    marked, compilations = _compilations(room, single, texts, asked)
    is_part = marked.select("a", "b", f.lit(True).alias("is_part"))
    part = f.lit(_native.KINDS.index("part"))
    kinds = single.join(is_part, ["a", "b"], "left").withColumn(
        "kind", f.when(f.col("is_part"), part).otherwise(f.col("kind"))
    )
    for side in ("a", "b"):
        named = compilations.select(f.col("doc").alias(side), f.lit(True).alias(f"{side}_is"))
        kinds = kinds.join(named, side, "left")
    joined = f.coalesce(f.col("a_is") & f.col("b_is"), f.lit(False)).alias("joined")
    relations = room.keep(stage(kinds.select(*single.columns, joined), "conclude", asked), "settled")
    said = [
        relations.where("b_support is not null").select(
            f.col(side).alias("doc"),
            f.col(f"{side}_support").alias("support"),
            f.col(f"{side}_confirmed").alias("confirmed"),
        )
        for side in ("a", "b")
    ]
    votes = (
        said[0]
        .unionByName(said[1])
        .groupBy("doc")
        .agg(f.sum("support").alias("support"), f.max("confirmed").alias("confirmed"))
    )
    standings = stage(documents.join(votes, "doc"), "standings", asked).orderBy("key", "id")
    ranks = standings.select("doc", "id", "standing", f.monotonically_increasing_id().alias("rank"))
    return Settled(relations, room.keep(ranks, "standings"), compilations)


def _compilations(room: Room, single: DataFrame, texts: DataFrame, asked: Asked) -> tuple[DataFrame, DataFrame]:
    """Relations (``a`` in ``b``) that are parts of compilations, and the compilations (``doc``)."""
    from pyspark.sql import functions as f

    by_larger = single.repartition("b").sortWithinPartitions("b", "a")
    asks = room.keep(stage(by_larger, "asks", asked), "asks")
    if asks.isEmpty():
        return asks, asks.select(f.col("b").alias("doc"))
    bodies = asks.join(texts.withColumnRenamed("doc", "a"), "a")
    inside = single.join(asks.select("b").distinct(), "b", "left_semi")
    rows = bodies.unionByName(inside, allowMissingColumns=True).withColumn("late", f.col("text").isNull())
    marked = room.keep(stage(rows.repartition("b").sortWithinPartitions("b", "late", "a"), "mark", asked), "marked")
    return marked, marked.select(f.col("b").alias("doc")).distinct()
