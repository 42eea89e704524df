"""NDJSON, one JSON value on each line; it leaves documents of one value to json_document.py."""

import json
from collections.abc import Iterator
from typing import Any, BinaryIO

from shared.metadata.data import TableMetadata
from workers.examine.describe import Described, Unreadable
from workers.examine.describe._bounds import MAX_BYTES, MAX_ROW_BYTES, MAX_ROWS, SAMPLED_ROWS, BeyondBound
from workers.examine.describe._columns import Columns, value_type


def describe(file: BinaryIO) -> Described:
    """Return rows and the keys of their objects; raise Unreadable at the first line that is no JSON.

    https://github.com/ndjson/ndjson-spec
    """
    columns, rows, warnings = Columns(), 0, []
    try:
        for value in _values(file):
            rows += 1
            if rows <= SAMPLED_ROWS and isinstance(value, dict):
                for key, member in value.items():
                    columns.see(key, value_type(member))
    except BeyondBound as bound:
        warnings.append(str(bound))
    if columns.total is None:
        warnings.append("there are too many columns to count")
    metadata = TableMetadata(
        format="ndjson",
        rows=None if warnings else rows,
        columns=columns.listed(),
        columns_total=columns.total,
    )
    return Described(metadata, tuple(warnings))


def _values(file: BinaryIO) -> Iterator[Any]:
    file.seek(0)
    read = 0
    for number, line in enumerate(iter(lambda: file.readline(MAX_ROW_BYTES + 1), b""), start=1):
        read += len(line)
        if len(line) > MAX_ROW_BYTES:
            raise BeyondBound(f"line {number} is longer than {MAX_ROW_BYTES} bytes")
        if read > MAX_BYTES or number > MAX_ROWS:
            raise BeyondBound(f"there is more than {MAX_BYTES} bytes or {MAX_ROWS} lines")
        if line.strip():
            yield _value(line, number)


def _value(line: bytes, number: int) -> Any:
    try:
        return _DECODER.decode(line.decode("utf-8-sig" if number == 1 else "utf-8"))
    except RecursionError as fault:
        raise Unreadable(f"Line {number} is nested too deeply.") from fault
    except json.JSONDecodeError as fault:
        raise Unreadable(f"Line {number} is no JSON: {fault.msg}.") from fault
    except UnicodeDecodeError as fault:
        raise Unreadable(f"Line {number} is not UTF-8.") from fault
    except ValueError as fault:  # more digits than Python converts
        raise BeyondBound(f"line {number} has a number that is too long") from fault


def _refused(constant: str) -> Any:
    raise json.JSONDecodeError(f"{constant} is no JSON value", constant, 0)


_DECODER = json.JSONDecoder(parse_constant=_refused)
