"""Arrow's file and stream formats: pyarrow reads the schema, we walk the messages; it leaves their bodies unread.

pyarrow opens a file with threads of its own, which a caged child cannot start, and reads bodies into memory. The
messages' heads are enough: https://arrow.apache.org/docs/format/Columnar.html#serialization-and-interprocess-communication-ipc
"""

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import pyarrow as pa
from pyarrow import ipc

from shared.metadata.data import MAX_COLUMNS, Column, TableMetadata
from workers.examine.describe import Described, Unreadable
from workers.examine.describe._bounds import BeyondBound
from workers.examine.describe._flatbuffer import Table

_MAGIC = b"ARROW1"
_HEAD_BYTES = 8
_TAIL_BYTES = 10
_CONTINUATION = 0xFFFFFFFF
_MAX_MESSAGES = 100_000
_MAX_HEAD_BYTES = 16 * 1024 * 1024

# Types of messages and codecs: https://github.com/apache/arrow/blob/main/format/Message.fbs
_SCHEMA, _RECORD_BATCH = 1, 3
_CODECS = {0: "lz4", 1: "zstd"}


@dataclass(frozen=True, slots=True)
class _Message:
    """One message of a stream: what its head says, and the head as it stands in the file."""

    type: int
    rows: int
    codec: str | None
    raw: bytes


def describe_file(file: BinaryIO) -> Described:
    """Describe the file format, also known as Feather 2; raise Unreadable where its footer is missing or lies."""
    end = file.seek(0, io.SEEK_END)
    file.seek(0)
    head = file.read(_HEAD_BYTES)
    file.seek(max(0, end - _TAIL_BYTES))
    tail = file.read(_TAIL_BYTES)
    footer = int.from_bytes(tail[:4], "little", signed=True)
    if not head.startswith(_MAGIC) or not tail.endswith(_MAGIC):
        raise Unreadable("The file does not begin and end as Arrow's do: it is cut or broken.")
    if not 0 < footer <= end - _HEAD_BYTES - _TAIL_BYTES:
        raise Unreadable("The footer is longer than the file.")
    return _described(file, _HEAD_BYTES, end - _TAIL_BYTES - footer)


def describe_stream(file: BinaryIO) -> Described:
    """Describe the stream format, which ends with its file or with an empty message."""
    return _described(file, 0, file.seek(0, io.SEEK_END))


def _described(file: BinaryIO, start: int, end: int) -> Described:
    schema, rows, batches = None, 0, 0
    codecs: dict[str, None] = {}
    warnings: list[str] = []
    try:
        for message in _messages(file, start, end):
            if message.type == _SCHEMA and schema is None:
                schema = _schema(message.raw)
            elif message.type == _RECORD_BATCH:
                rows, batches = rows + message.rows, batches + 1
                codecs |= {message.codec: None} if message.codec else {}
    except BeyondBound as bound:
        warnings.append(str(bound))
    if schema is None:
        raise Unreadable("The content has no schema.")
    metadata = TableMetadata(
        format="arrow",
        rows=None if warnings else rows,
        columns=columns(schema),
        columns_total=len(schema),
        row_groups=None if warnings else batches,
        compression=tuple(codecs),
    )
    return Described(metadata, tuple(warnings))


def columns(schema: Any) -> tuple[Column, ...]:
    """Return the first fields of an Arrow schema."""
    return tuple(
        Column(name=schema.field(n).name, type=str(schema.field(n).type)) for n in range(min(len(schema), MAX_COLUMNS))
    )


def _schema(raw: bytes) -> Any:
    try:
        return ipc.read_schema(pa.py_buffer(raw))
    except (pa.ArrowException, OSError, UnicodeDecodeError) as fault:
        raise Unreadable("The schema breaks its format.") from fault


def _messages(file: BinaryIO, start: int, end: int) -> Iterator[_Message]:
    """Yield each message between two places of the file without reading its body."""
    place = start
    for _ in range(_MAX_MESSAGES):
        file.seek(place)
        prefix = file.read(8)
        size, before = int.from_bytes(prefix[:4], "little"), 4
        if size == _CONTINUATION:  # older files have the length alone
            size, before = int.from_bytes(prefix[4:], "little"), 8
        if size == 0:
            return
        if size > _MAX_HEAD_BYTES:
            raise Unreadable("A message is longer than any schema or batch needs.")
        file.seek(place)
        raw = file.read(before + size)
        message, body = _parsed(raw, before)
        place += len(raw) + body
        if len(raw) < before + size or place > end:
            raise Unreadable("The content is cut within a message.")
        yield message
    raise BeyondBound(f"there are more than {_MAX_MESSAGES} record batches, so rows could not be counted")


def _parsed(raw: bytes, start: int) -> tuple[_Message, int]:
    """Return a message and the length of its body in bytes."""
    try:
        head = Table.root(raw, start)
        type_, body = head.number(1, "B"), head.number(3, "q")
        batch = head.table(2) if type_ == _RECORD_BATCH else None
        rows = batch.number(0, "q") if batch else 0
        compression = batch.table(3) if batch else None
        codec = _CODECS.get(compression.number(0, "b"), "unknown") if compression else None
    except (struct.error, IndexError) as fault:
        raise Unreadable("A message breaks its format.") from fault
    if rows < 0 or body < 0:
        raise Unreadable("A message has a length below zero.")
    return _Message(type_, rows, codec, raw), body
