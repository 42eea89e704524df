"""CSV and TSV, by Python's csv on bounded rows; it leaves the encoding to _characters.py, types to _columns.py."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, TextIO

from shared.metadata.data import MAX_COLUMNS, Column, TableMetadata
from workers.examine.describe import Described
from workers.examine.describe._bounds import MAX_BYTES, MAX_ROW_BYTES, MAX_ROWS, SAMPLED_ROWS, BeyondBound
from workers.examine.describe._characters import decoded, inferred_encoding, name_of
from workers.examine.describe._columns import EMPTY, TEXT, common_type, text_type

_SAMPLE_CHARACTERS = 64 * 1024

# In the order of trust where several divide a text evenly: a comma may be a decimal one, a pipe divides within fields.
_DELIMITERS = {"\t": "tab", ";": "semicolon", ",": "comma", "|": "pipe"}
_YEAR = re.compile("[12][0-9]{3}")


@dataclass(slots=True)
class _Seen:
    """What was seen of a table so far."""

    first: list[str] = field(default_factory=list)
    types: list[set[str]] = field(default_factory=list)
    """Types of each column below the first row."""
    rows: int = 0
    ragged: int = 0
    unread: int = 0
    """Characters handed to the reader since its last row."""
    last: list[str] = field(default_factory=list)
    """The last row as it stands in the text."""


def prepare() -> None:
    """Let a field be as long as a row may be."""
    csv.field_size_limit(MAX_ROW_BYTES)


def describe(file: BinaryIO, media_type: str) -> Described:
    """Return delimiter, encoding, columns and rows; a text of any form is a table, if only of one column."""
    name = "tsv" if media_type == "text/tab-separated-values" else "csv"
    encoding, inferred = inferred_encoding(file)
    if encoding is None:
        return Described(TableMetadata(format=name), ("encoding could not be read, so nothing in it could be",))
    with decoded(file, encoding) as text:
        delimiter = "\t" if name == "tsv" else _sniffed(text)
    seen = _Seen()
    with decoded(file, encoding) as text:
        warnings = _read(text, delimiter or ",", seen)
    whole, header = not warnings, _header(seen)
    if inferred:
        warnings.append("encoding is inferred from a part of the text")
    if header is None and seen.first:
        warnings.append("whether the first row names the columns does not show")
    metadata = TableMetadata(
        format=name,
        encoding=name_of(encoding),
        delimiter=_DELIMITERS[delimiter] if delimiter else None,
        header=header,
        rows=seen.rows - bool(header) if whole else None,
        ragged_rows=seen.ragged if whole else None,
        columns=_columns(seen, header=header),
        columns_total=len(seen.first),
    )
    return Described(metadata, tuple(warnings))


def _sniffed(text: TextIO) -> str | None:
    """Return the delimiter that divides most of the first rows into equally many fields, None where none divides."""
    try:
        sample = text.read(_SAMPLE_CHARACTERS)
    except UnicodeError:  # reading the rows meets it again, and tells
        return None
    if len(sample) == _SAMPLE_CHARACTERS:  # its last row may be cut
        sample = sample[: sample.rfind("\n") + 1] or sample
    evenness = {delimiter: _evenness(sample, delimiter) for delimiter in _DELIMITERS}
    best = max(_DELIMITERS, key=lambda delimiter: evenness[delimiter])
    return best if evenness[best] else None


def _evenness(sample: str, delimiter: str) -> float:
    """Return the part of the rows that have as many fields as most have; 0 where that is one."""
    widths = Counter(len(row) for row in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter) if row)
    width, count = max(widths.items(), key=lambda item: item[1], default=(0, 0))
    return count / widths.total() if width > 1 else 0


def _read(text: TextIO, delimiter: str, seen: _Seen) -> list[str]:
    """Read the rows up to the bounds; return in words what kept us from reading all."""
    try:
        for row in csv.reader(_lines(text, seen), delimiter=delimiter):
            seen.unread = 0
            if row:
                _see(row, seen)
    except BeyondBound as bound:
        return [str(bound)]
    except csv.Error:  # its limit on fields, the only one without `strict`
        return [f"row {seen.rows + 1} is longer than {MAX_ROW_BYTES} characters; a quote may not be closed"]
    except UnicodeError:
        return [f"after row {seen.rows} the text is not of its encoding"]
    # A quote that is still open takes the next line in as well.
    with_next = csv.reader([*seen.last, "\n", "0"], delimiter=delimiter)
    if seen.last and list(with_next)[-1] != ["0"]:
        return ["the last row has a quote that is not closed, so rows could not be counted"]
    return []


def _lines(text: TextIO, seen: _Seen) -> Iterator[str]:
    left = MAX_BYTES
    while line := text.readline(MAX_ROW_BYTES + 1):
        seen.unread += len(line)
        left -= len(line)
        if seen.unread > MAX_ROW_BYTES:
            raise BeyondBound(f"row {seen.rows + 1} is longer than {MAX_ROW_BYTES} characters")
        if left < 0 or seen.rows == MAX_ROWS:
            raise BeyondBound(f"the table is longer than {MAX_BYTES} characters or {MAX_ROWS} rows")
        if seen.unread == len(line):
            seen.last.clear()
        seen.last.append(line)
        yield line


def _see(row: list[str], seen: _Seen) -> None:
    seen.rows += 1
    if seen.rows == 1:
        seen.first = row
        seen.types = [set() for _ in row[:MAX_COLUMNS]]
        return
    seen.ragged += len(row) != len(seen.first)
    if seen.rows <= SAMPLED_ROWS:
        for types, value in zip(seen.types, row, strict=False):
            types.add(text_type(value))


def _header(seen: _Seen) -> bool | None:
    """Return whether the first row names the columns, None where it does not show.

    It does where it is all text, each another one, above a column of another type. It does not where it has a
    number, date or truth value as the rows below it; a year may be either.
    """
    below = [common_type(types, TEXT) for types in seen.types]
    here = [text_type(value) for value in seen.first[:MAX_COLUMNS]]
    fitting = [v for v, a, b in zip(seen.first, here, below, strict=False) if a == b and a not in {TEXT, EMPTY}]
    if any(not _YEAR.fullmatch(value) for value in fitting):
        return False
    # The first name alone may be empty: an index has none.
    named = set(here[1:]) <= {TEXT} and here[:1] in ([TEXT], [EMPTY]) and len(set(seen.first)) == len(seen.first)
    return True if named and any(type_ not in {TEXT, EMPTY} for type_ in below) else None


def _columns(seen: _Seen, *, header: bool | None) -> tuple[Column, ...]:
    listed = zip(seen.first, seen.types, strict=False)
    if header:
        return tuple(Column(name=name, type=common_type(types, TEXT)) for name, types in listed)
    return tuple(Column(type=common_type({*types, text_type(value)}, TEXT)) for value, types in listed)
