"""The columns of records and the types of their values; it leaves reading the records to each format."""

import contextlib
import re
from datetime import date, datetime
from typing import Any

from shared.metadata.data import MAX_COLUMNS, Column

EMPTY, TEXT, MIXED = "empty", "text", "mixed"

_MAX_NAMES = 10_000
_MAX_NAME_CHARACTERS = 1_000_000
_LONGEST_TYPED = 64

# A leading zero is part of a code, such as a postal one: as a number it would be lost.
_INTEGER = re.compile(r"[+-]?(0|[1-9][0-9]*)")
_NUMBER = re.compile(r"[+-]?(0|[1-9][0-9]*|(?=\.[0-9]))(\.[0-9]*)?([eE][+-]?[0-9]+)?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATETIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}.*")
_WIDER = {frozenset({"integer", "number"}): "number", frozenset({"date", "datetime"}): "datetime"}


class Columns:
    """What has been seen of each column so far, up to 10,000 of them or a million characters of names."""

    def __init__(self) -> None:
        self._types: dict[str, set[str]] = {}
        self._room = _MAX_NAME_CHARACTERS
        self._overflown = False

    def see(self, name: str, type_: str) -> None:
        """Note a value's type."""
        if name not in self._types:
            self._room -= len(name)
            if self._room < 0 or len(self._types) == _MAX_NAMES:
                self._overflown = True
                return
            self._types[name] = set()
        self._types[name].add(type_)

    @property
    def total(self) -> int | None:
        """Number of columns; None where there are more than are kept."""
        return None if self._overflown else len(self._types)

    def listed(self) -> tuple[Column, ...]:
        """Return the first columns as the metadata lists them."""
        first = list(self._types.items())[:MAX_COLUMNS]
        return tuple(Column(name=name, type=common_type(types, MIXED)) for name, types in first)


def common_type(types: set[str], otherwise: str) -> str:
    """Return the one type that all values have, empty ones aside."""
    seen = frozenset(types - {EMPTY})
    if len(seen) == 1:
        return next(iter(seen))
    return _WIDER.get(seen, otherwise) if seen else EMPTY


def text_type(text: str) -> str:
    """Return what a text in a table stands for; dates and times are those of ISO 8601."""
    text = text.strip()
    if not text:
        return EMPTY
    if len(text) > _LONGEST_TYPED:
        return TEXT
    if _INTEGER.fullmatch(text):
        return "integer"
    if _NUMBER.fullmatch(text):
        return "number"
    return "boolean" if text.lower() in {"true", "false"} else moment_type(text)


def moment_type(text: str) -> str:
    """Return whether a text is a date, a date with time, or only a text."""
    with contextlib.suppress(ValueError):  # it only looks like one
        if _DATE.fullmatch(text) and date.fromisoformat(text):
            return "date"
        if len(text) <= _LONGEST_TYPED and _DATETIME.fullmatch(text) and datetime.fromisoformat(text):
            return "datetime"
    return TEXT


def value_type(value: Any) -> str:
    """Return the type of a value that comes from JSON."""
    if isinstance(value, str):
        return moment_type(value)
    names = {bool: "boolean", int: "integer", type(None): EMPTY, dict: "object", list: "array"}
    return names.get(type(value), "number")
