"""Documents on their way in, and how they are read and washed."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any, Union

from .errors import TaoxiError

#: The name of a document that has none.
NAMELESS = "-"


@dataclasses.dataclass(frozen=True)
class Document:
    """A document to be washed: text that is decoded already, or bytes in an encoding yet to be found."""

    content: str | bytes
    id: str = NAMELESS
    url: str | None = None
    date: str | None = None
    #: ``auto``, ``text`` or ``html``.
    media_type: str = "auto"
    #: The charset that a Content-Type header declared.
    charset: str | None = None
    #: Fields that are passed through.
    meta: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def meta_json(self) -> str | None:
        """The fields passed through, as JSON."""
        if not self.meta:
            return None
        try:
            return json.dumps(self.meta, ensure_ascii=False, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise TaoxiError("bad_record", f"`meta` of `{self.id}` has no form in JSON: {error}") from error


#: What stands for a document: a ``Document``, a text, bytes, or a mapping with the fields of a JSONL record (``text``
#: or ``html``, and ``id``, ``url``, ``date``).
DocumentLike = Union[Document, str, bytes, bytearray, memoryview, Mapping[str, Any]]


def document(value: DocumentLike) -> Document:
    """Takes whatever stands for a document."""
    if isinstance(value, Document):
        made = value
    elif isinstance(value, (str, bytes)):
        made = Document(value)
    elif isinstance(value, (bytearray, memoryview)):
        made = Document(bytes(value))
    elif isinstance(value, Mapping):
        made = _of_record(value)
    else:
        raise TaoxiError(
            "bad_record", f"a document is a text, bytes, a mapping or a taoxi.Document, not {type(value).__name__}"
        )
    if isinstance(made.content, str) and not _is_text(made.content):
        raise TaoxiError("bad_record", f"the text of `{made.id}` has half characters (lone surrogates) in it")
    return made


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _of_record(record: Mapping[str, Any]) -> Document:
    rest = dict(record)
    name = rest.pop("id", None)
    fields: dict[str, Any] = {"url": rest.pop("url", None), "date": rest.pop("date", None)}
    if isinstance(rest.get("text"), str):
        content, media_type = rest.pop("text"), "auto"
    elif isinstance(rest.get("html"), (str, bytes)):
        content, media_type = rest.pop("html"), "html"
    else:
        raise TaoxiError("bad_record", f"the record `{name}` has neither a string `text` nor `html`")
    for field, value in fields.items():
        if value is not None and not isinstance(value, str):
            raise TaoxiError("bad_record", f"`{field}` of the record `{name}` must be a string")
    return Document(content, NAMELESS if name is None else str(name), media_type=media_type, meta=rest, **fields)


@dataclasses.dataclass(frozen=True)
class Options:
    """How documents are washed."""

    #: zh repairs, keep only strips, unify makes one form of placeholders and signs, corpus adds simplified Han.
    profile: str = "zh"
    #: Rule files, or steps as ``file/step``, that do not act.
    without: list[str] = dataclasses.field(default_factory=list)
    #: If not empty, only these rule files act.
    only: list[str] = dataclasses.field(default_factory=list)
    #: The encoding, whatever the bytes or headers say.
    encoding: str | None = None
    #: How much of the edits records show: full, ranges or none.
    edits: str = "full"
    #: Whether records hold the text as Markdown, too.
    markdown: bool = False


@dataclasses.dataclass(frozen=True)
class Reading:
    """How files are read."""

    #: Names of the fields of JSONL records, such as ``id=doc_id,text=content``.
    fields: str | None = None
    #: What documents are: auto, text or html.
    media_type: str = "auto"
    #: What happens to a second document with the same id: error or suffix.
    id_dup: str = "error"
