"""Who is kept: a document goes if a better one that is kept holds it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .relations import Settled, related
from .stages import Asked, Room, stage

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

#: So few edges are decided in one task, of some 40 bytes each; more in rounds.
AT_ONCE = 2_000_000

STATE = ("kept", "by", "by_kind", "own", "others")


def edges(relations: DataFrame, standings: DataFrame, asked: Asked) -> DataFrame:
    """The edges of relations that are copies: ``worse`` and ``better`` are ranks."""
    from pyspark.sql import functions as f

    known = standings.select("doc", "rank")
    ranked = relations.select("a", "b", "kind", "found")
    for side in ("a", "b"):
        ranked = ranked.join(known.select(f.col("doc").alias(side), f.col("rank").alias(f"{side}_rank")), side)
    return stage(ranked, "edges", asked)


def decide(room: Room, all_edges: DataFrame, asked: Asked, at_once: int) -> DataFrame:
    """What becomes of each document that a better one may hold: a row for each ``rank``.

    A document is decided when the better ones are on which that depends. Each round decides at least the best of those
    that are left, and in practice nearly all of them; when few edges are left, one task decides the rest in order.
    """
    from pyspark.sql import functions as f

    # Whoever is never the worse one is kept.
    better = all_edges.select(f.col("better").alias("rank")).distinct()
    free = better.join(all_edges.select(f.col("worse").alias("rank")), "rank", "left_anti")
    nothing = [f.lit(None).cast(kind).alias(name) for name, kind in _state_types() if name != "kept"]
    known = free.select("rank", f.lit(True).alias("kept"), f.lit(False).alias("adopted"), *nothing)
    left, decided = all_edges, None
    for turn in range(1_000_000):
        count = left.count()
        if count == 0:
            break
        states = known.select(f.col("rank").alias("better"), *STATE)
        rows = left.join(states, "better", "left")
        few = count <= at_once
        rows = rows.coalesce(1) if few else rows.repartition("worse")
        made = room.keep(stage(rows.sortWithinPartitions("worse", "better"), "stars", asked), f"stars-{turn}")
        decided = made if decided is None else decided.unionByName(made)
        if few:
            break
        known = known.unionByName(made.select(known.columns))
        left = room.keep(left.join(made.select(f.col("rank").alias("worse")), "worse", "left_anti"), f"left-{turn}")
    if decided is None:
        return known.where("not kept")
    return decided.where("not kept")


def _state_types() -> list[tuple[str, str]]:
    return [("kept", "boolean"), ("by", "long"), ("by_kind", "int"), ("own", "int"), ("others", "int")]


def held(
    room: Room, settled: Settled, pieces: DataFrame, texts: DataFrame, asked: Asked, at_once: int
) -> tuple[DataFrame, DataFrame]:
    """The documents that go, and all relations: those between adopted documents and their holders came late."""
    import dataclasses

    from pyspark.sql import functions as f

    copies = settled.relations.where("b_support is not null")
    all_edges = room.keep(edges(copies, settled.standings, asked), "edges")
    goes = decide(room, all_edges, asked, at_once)
    by_rank = settled.standings.select("rank", "doc")
    named = by_rank.select(f.col("rank").alias("by"), f.col("doc").alias("by_doc"))
    goes = room.keep(goes.join(by_rank, "rank").join(named, "by"), "goes")
    relations = settled.relations.select("a", "a_of", "b", "b_of", "kind", "found", "passages", "spun")
    columns = ["doc", "rank", "by_doc", "by_kind", "own", "others"]
    adopted = goes.where("adopted").select(f.col("doc").alias("rank"), f.col("by_doc").alias("other"))
    if adopted.isEmpty():
        return goes.select(columns), relations
    # Exact copies of documents that go are compared with what holds those.
    wholes = pieces.where("part = -1").withColumn("rank", f.col("doc"))
    pairs = related(room, adopted, wholes, texts, dataclasses.replace(asked, all=True), "adopted")
    late = room.keep(pairs, "late")
    anew = edges(late, settled.standings, asked).select(
        f.col("worse").alias("rank"),
        f.col("better").alias("new_by"),
        f.col("kind").alias("new_kind"),
        f.col("held").alias("new_own"),
        f.col("holds").alias("new_others"),
    )
    adopted_edges = anew.join(by_rank.select(f.col("rank").alias("new_by"), f.col("doc").alias("new_doc")), "new_by")
    renewed = goes.join(adopted_edges, "rank", "left").select(
        "doc",
        "rank",
        f.coalesce("new_doc", "by_doc").alias("by_doc"),
        f.coalesce("new_kind", "by_kind").alias("by_kind"),
        f.coalesce("new_own", "own").alias("own"),
        f.coalesce("new_others", "others").alias("others"),
    )
    return room.keep(renewed, "held"), relations.unionByName(late)
