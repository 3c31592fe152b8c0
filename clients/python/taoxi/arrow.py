"""Columns of tables washed: pyarrow, pandas, polars, and whatever else speaks Arrow's PyCapsule interface."""

from __future__ import annotations

import dataclasses
from typing import Any, Protocol

from .cleaner import Cleaner, shared


class ArrowStream(Protocol):
    """A table that gives its batches to other libraries without copying them."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """The batches."""
        ...


@dataclasses.dataclass(frozen=True)
class Columns:
    """Which columns are read and which are written."""

    text: str
    into: str
    id: str | None = None
    url: str | None = None
    date: str | None = None
    media_type: str = "auto"
    flags: str | None = None
    error: str | None = None
    record: str | None = None


def clean_arrow(
    table: Any,
    column: str = "text",
    *,
    into: str | None = None,
    id: str | None = None,
    url: str | None = None,
    date: str | None = None,
    media_type: str = "auto",
    flags: str | None = "flags",
    error: str | None = "error",
    record: str | None = None,
    wash: bool = True,
    threads: int = 0,
    profile: str = "zh",
    cleaner: Cleaner | None = None,
) -> ArrowStream:
    """Washes the texts of a column, batch by batch, on all cores, without a Python object for any row.

    ``column`` holds strings, or bytes in any encoding. The washed texts take its place, or go into the column
    ``into``. ``id``, ``url`` and ``date`` name columns. Beside the texts come their flags, and for a row that failed
    a null text and the fault in ``error``; ``record`` names a column for whole records as JSON. None leaves a column
    out.

    Returns a stream of batches that are washed when they are taken: ``pyarrow.table(…)``,
    ``pyarrow.RecordBatchReader.from_stream(…)``, ``polars.DataFrame(…)`` and ``pandas.DataFrame.from_arrow(…)`` take
    it, once.
    """
    columns = Columns(column, into or column, id, url, date, media_type, flags, error, record)
    # Edits are made only for those who look at records.
    native = (cleaner or shared(profile, "none", False, None))._native
    return native.clean_table(table, columns, wash, threads)
