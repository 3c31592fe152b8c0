"""Which pieces are compared: a whole document or a part of it is a piece, and the one with the smaller rank is better.

Equal texts, simhashes within the radius, and enough winnow hashes in common each propose pairs. Exact copies are
represented by their best, so a text that stands in a thousand files is looked up once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import _native
from .stages import Asked, Room, stage

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def pairs(room: Room, ranked: DataFrame, asked: Asked) -> DataFrame:
    """Pairs of pieces to be compared, each once: ``rank`` of the worse and ``other`` of the better one."""
    from pyspark.sql import functions as f

    lettered = ranked.where("weight > 0")
    # A whole document stands for parts, and never the other way round: parts take nobody in.
    best = f.min(f.struct((f.col("part") >= 0).alias("is_part"), "rank")).alias("best")
    groups = lettered.groupBy("exact").agg(f.count("*").alias("count"), best).where("count > 1")
    same = lettered.join(groups, "exact").where("rank != best.rank").select("rank", f.col("best.rank").alias("other"))
    equal = room.keep(same, "equal")
    columns = ["rank", "weight", "simhash", "units", "winnow"]
    firsts = room.keep(lettered.join(equal.select("rank"), "rank", "left_anti").select(columns), "firsts")
    coded = firsts.where(f.col("weight") >= _native.TINY_WEIGHT).select("rank", f.col("simhash").alias("code"))
    found = [equal, _crowds(firsts.select("rank", "units"), "units"), _crowds(coded, "code")]
    if asked.radius > 0:
        found.append(_near(coded, asked))
    found.append(_sharing(room, firsts, asked))
    every = found[0]
    for more in found[1:]:
        every = every.unionByName(more)
    worse, better = f.greatest("rank", "other").alias("rank"), f.least("rank", "other").alias("other")
    return room.keep(every.select(worse, better).distinct(), "pairs")


def _best(frame: DataFrame, column: str, most: int, by: str = "rank") -> DataFrame:
    """The best rows of each group."""
    from pyspark.sql import Window
    from pyspark.sql import functions as f

    place = f.row_number().over(Window.partitionBy(column).orderBy(by))
    return frame.withColumn("place", place).where(f.col("place") <= most).drop("place")


def _crowds(frame: DataFrame, column: str) -> DataFrame:
    """All pairs of a small group of equals, and of a large one each with the best hundred."""
    from pyspark.sql import functions as f

    several = frame.groupBy(column).count().where("count > 1").select(column)
    members = frame.join(several, column)
    best = _best(members, column, _native.HOT).groupBy(column).agg(f.collect_list("rank").alias("bests"))
    others = f.filter("bests", lambda better: better < f.col("rank"))
    return members.join(best, column).select("rank", f.explode(others).alias("other"))


def _near(coded: DataFrame, asked: Asked) -> DataFrame:
    """For each simhash the best of those near it: codes that are within the radius agree in a block."""
    from pyspark.sql import functions as f

    codes = coded.groupBy("code").agg(f.min("rank").alias("best"))
    blocks = stage(codes, "spread", asked).repartition("block", "bits").sortWithinPartitions("block", "bits")
    near = _best(stage(blocks, "near", asked).distinct(), "code", _native.NEAREST, by="better")
    wanted = coded.join(near.select("code").distinct(), "code", "left_semi")
    members = _best(wanted, "code", _native.HOT)
    return members.join(near, "code").select("rank", f.col("better").alias("other"))


def _sharing(room: Room, firsts: DataFrame, asked: Asked) -> DataFrame:
    """Pieces that share enough hashes. A hash of too many pieces is hot: only its best pieces are met by it."""
    from pyspark.sql import Window
    from pyspark.sql import functions as f

    postings = firsts.select("rank", f.explode("winnow").alias("hash"))
    counts = postings.groupBy("hash").count()
    hot = room.keep(counts.where(f.col("count") > _native.HOT).select("hash"), "hot")
    place = f.row_number().over(Window.partitionBy("hash").orderBy("rank"))
    best = postings.join(hot, "hash").select("rank", "hash", (place <= _native.HOT).alias("is_best"))
    of_rank = best.groupBy("rank").agg(
        f.collect_list(f.expr("if(is_best, hash, null)")).alias("best"),
        f.collect_list(f.expr("if(is_best, null, hash)")).alias("rest"),
    )
    looked = firsts.select("rank", "winnow").join(of_rank, "rank", "left")
    lookups = stage(looked, "lookups", asked).repartition("hash").sortWithinPartitions("hash", "rank")
    meetings = stage(lookups, "meetings", asked).repartition("rank").sortWithinPartitions("rank")
    return stage(meetings, "enough", asked)
