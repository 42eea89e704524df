"""Prints records, for people as a table and for machines as JSON, one object a line; it keeps none of them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel


@dataclass(frozen=True, slots=True)
class Printer:
    """Prints to stdout, each record as it comes."""

    as_json: bool

    def head(self, **widths: int) -> None:
        """Begin a table with these columns; what is longer than its column pushes the others aside."""
        self.say(_joined({name: name.upper() for name in widths}, widths))

    def row(self, record: BaseModel | Mapping[str, Any], **widths: int) -> None:
        """Print a record, of which a table has these columns."""
        values = record.model_dump(mode="json") if isinstance(record, BaseModel) else record
        if self.as_json:
            print(json.dumps(values))
        else:
            print(_joined(values, widths))

    def fields(self, record: Mapping[str, Any]) -> None:
        """Print one record for itself, a line for each field."""
        if self.as_json:
            print(json.dumps(record, default=str))
            return
        width = max(map(len, record))
        for name, value in record.items():
            print(f"{name:{width}}  {_cell(value)}")

    def say(self, line: str) -> None:
        """Tell a person something that machines find in the records."""
        if not self.as_json:
            print(line)


def _joined(values: Mapping[str, Any], widths: Mapping[str, int]) -> str:
    return "  ".join(f"{_cell(values[name]):{width}}" for name, width in widths.items()).rstrip()


def _cell(value: Any) -> str:
    """Return a value on one line: names come from senders, and a terminal obeys control characters."""
    text = "-" if value is None else f"{value:%Y-%m-%dT%H:%M:%SZ}" if isinstance(value, datetime) else str(value)
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
