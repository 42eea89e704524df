"""Parquet, by pyarrow from its footer alone; it leaves the pages undecoded."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from typing import Any, BinaryIO

import pyarrow as pa
from pyarrow import parquet

from shared.metadata.data import MAX_COLUMNS, TableMetadata
from workers.examine.describe import Described, Unreadable
from workers.examine.describe._arrow import columns

_TAIL_BYTES = 8
_MAX_FOOTER_BYTES = 32 * 1024 * 1024
_MAX_STRING_BYTES = 16 * 1024 * 1024
_MAX_CONTAINER_ITEMS = 1_000_000
# A footer that can be read and has encrypted columns is signed: a nonce and a tag stand behind it.
# https://github.com/apache/parquet-format/blob/master/Encryption.md#55-plaintext-footer-mode
_SIGNATURE_BYTES = 28
_GROUPS = 8
"""Row groups whose first columns are looked at for codecs and places."""


def describe(file: BinaryIO) -> Described:
    """Return schema, rows and codecs; raise Unreadable where the footer is missing, broken or points outside."""
    end = file.seek(0, io.SEEK_END)
    file.seek(max(0, end - _TAIL_BYTES))
    tail = file.read()
    footer, mark = int.from_bytes(tail[:4], "little"), tail[4:]
    if mark == b"PARE":
        metadata = TableMetadata(format="parquet", encrypted=True)
        return Described(metadata, ("the footer is encrypted, so nothing in it could be read",))
    if mark != b"PAR1":
        raise Unreadable("The file does not end as Parquet does: it is cut or broken.")
    if footer > min(_MAX_FOOTER_BYTES, end):
        if footer > end:
            raise Unreadable("The footer is longer than the file.")
        return Described(TableMetadata(format="parquet"), (f"the footer is longer than {_MAX_FOOTER_BYTES} bytes",))
    with _opened(file) as opened:
        return _described(opened, end, encrypted=footer - opened.metadata.serialized_size == _SIGNATURE_BYTES)


@contextmanager
def _opened(file: BinaryIO) -> Iterator[parquet.ParquetFile]:
    try:
        # Reading ahead would start threads. https://arrow.apache.org/docs/python/generated/pyarrow.parquet.ParquetFile.html
        with parquet.ParquetFile(
            pa.PythonFile(file, mode="r"),
            pre_buffer=False,
            thrift_string_size_limit=_MAX_STRING_BYTES,
            thrift_container_size_limit=_MAX_CONTAINER_ITEMS,
        ) as opened:
            yield opened
    except (MemoryError, PermissionError):  # the cage's doing, not the file's
        raise
    except (pa.ArrowException, OSError, UnicodeDecodeError, OverflowError) as fault:
        raise Unreadable(f"The footer breaks its format: {str(fault).partition(chr(10))[0]}") from fault


def _described(opened: parquet.ParquetFile, end: int, *, encrypted: bool) -> Described:
    footer, schema = opened.metadata, opened.schema_arrow
    metadata = TableMetadata(
        format="parquet",
        rows=footer.num_rows,
        columns=columns(schema),
        columns_total=len(schema),
        row_groups=footer.num_row_groups,
        # pyarrow would end the process at a column that it cannot decrypt.
        compression=None if encrypted else _codecs(footer, end),
        created_by=footer.created_by or None,
        encrypted=encrypted,
    )
    return Described(metadata, ("some columns are encrypted, so codecs could not be read",) if encrypted else ())


def _codecs(footer: Any, end: int) -> tuple[str, ...]:
    """Return the codecs of the first columns; raise Unreadable where one of them lies outside of the file."""
    codecs: dict[str, None] = {}
    places = product(range(min(footer.num_row_groups, _GROUPS)), range(min(footer.num_columns, MAX_COLUMNS)))
    for group, column in places:
        chunk = footer.row_group(group).column(column)
        if not 0 <= chunk.data_page_offset <= end - chunk.total_compressed_size:
            raise Unreadable("A column lies outside of the file.")
        if chunk.compression != "UNCOMPRESSED":
            codecs[chunk.compression.lower()] = None
    return tuple(codecs)
