"""taoxi (淘洗) washes scraped documents and finds the copies among them. Chinese first, any language served."""

from __future__ import annotations

from ._native import FINGERPRINT_VERSION, NORMALISER_VERSION
from ._native import VERSION as __version__
from .arrow import clean_arrow
from .cleaner import Cleaner, clean
from .copies import Deduped, compare, dedupe, fingerprint
from .documents import Document, DocumentLike
from .errors import TaoxiError
from .index import Counts, Index
from .records import (
    Answer,
    Cleaned,
    Decision,
    Edit,
    Failed,
    Fault,
    Fingerprint,
    Page,
    Part,
    Passage,
    Relation,
    Removed,
    Source,
    Stats,
    StoredDocument,
    Versions,
    Why,
)

__all__ = [
    "FINGERPRINT_VERSION",
    "NORMALISER_VERSION",
    "Answer",
    "Cleaned",
    "Cleaner",
    "Counts",
    "Decision",
    "Deduped",
    "Document",
    "DocumentLike",
    "Edit",
    "Failed",
    "Fault",
    "Fingerprint",
    "Index",
    "Page",
    "Part",
    "Passage",
    "Relation",
    "Removed",
    "Source",
    "Stats",
    "StoredDocument",
    "TaoxiError",
    "Versions",
    "Why",
    "__version__",
    "clean",
    "clean_arrow",
    "compare",
    "dedupe",
    "fingerprint",
]
