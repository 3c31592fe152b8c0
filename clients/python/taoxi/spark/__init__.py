"""Spark: documents washed, and copies found, on a cluster, with the wheel inside the executors.

``python -m taoxi.spark clean IN OUT`` washes Parquet, JSONL or WARC files; ``clean`` does the same to a DataFrame.
``python -m taoxi.spark dedupe IN OUT`` finds the copies among them, as ``taoxi dedupe`` does on one machine.
The executors need this package: install it there, or send an environment along as Spark's documentation describes.

========== =======================================================
washing    documents washed
stages     what tasks do to their rows, by the native half
dedupe     a run: from files to who is kept
candidates which pieces are compared
relations  pieces compared, one relation for two documents
stars      who is kept
results    the result files
========== =======================================================
"""

from .dedupe import dedupe
from .washing import clean, clean_files

__all__ = ["clean", "clean_files", "dedupe"]
