"""What all records have in common: from JSON and back, the same bytes."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any, TypeVar

from . import _native

R = TypeVar("R", bound="Record")


def part(of: type[Record]) -> Any:
    """A field that holds a record."""
    return dataclasses.field(default=None, metadata={"of": of})


def maybe(of: type[Record] | None = None) -> Any:
    """A field that is left out where there is nothing to say."""
    return dataclasses.field(default=None, metadata={"of": of, "omit": True})


def many(of: type[Record] | None = None, *, omit: bool = False) -> Any:
    """A field that holds any number; left out when empty if ``omit``."""
    return dataclasses.field(default=(), metadata={"many": True, "of": of, "omit": omit})


class Record:
    """A record of the contract. Frozen; equal where all fields are."""

    @classmethod
    def from_dict(cls: type[R], data: Mapping[str, Any]) -> R:
        """The record of a JSON object. Fields that this version does not know are left aside."""
        values: dict[str, Any] = {}
        for field in dataclasses.fields(cls):  # type: ignore[arg-type]
            if field.name not in data:
                continue
            value, of = data[field.name], field.metadata.get("of")
            if value is not None and field.metadata.get("many"):
                value = tuple(value) if of is None else tuple(of.from_dict(item) for item in value)
            elif value is not None and of is not None:
                value = of.from_dict(value)
            values[field.name] = value
        return cls(**values)

    @classmethod
    def from_json(cls: type[R], text: str | bytes) -> R:
        """The record of a line of JSON."""
        return cls.from_dict(json.loads(text))

    def to_dict(self) -> dict[str, Any]:
        """The record as a JSON object, with its fields in the order of the contract."""
        out: dict[str, Any] = {}
        for field in dataclasses.fields(self):  # type: ignore[arg-type]
            value = getattr(self, field.name)
            if field.metadata.get("omit") and (value is None or value == ()):
                continue
            out[field.name] = _plain(value)
        return out

    def to_json(self) -> str:
        """The record as the command line writes it, byte for byte, without a line end."""
        return _native.dumps(self.to_dict())


def _plain(value: Any) -> Any:
    if isinstance(value, Record):
        return value.to_dict()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value
