"""Archives: what is in them and what they unpack to, in bounded memory; each format's reader stands in _archives."""

import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import BinaryIO

from workers.examine.describe import Described, Refused, Unreadable
from workers.examine.describe._archives import compressed, decoders, rar, seven, tar
from workers.examine.describe._archives.limits import (
    COUNTED_BYTES,
    COUNTED_SECONDS,
    NESTED_COUNTED_BYTES,
    NESTED_COUNTED_SECONDS,
    Budget,
    BudgetSpent,
    bomb,
)
from workers.examine.describe._archives.tally import Tally
from workers.examine.describe._archives.zip import read as read_zip

KIND = "archive"

_FORMATS = {
    "application/gzip": "gz",
    "application/java-archive": "zip",
    "application/vnd.android.package-archive": "zip",
    "application/vnd.google-earth.kmz": "zip",
    "application/vnd.rar": "rar",
    "application/x-7z-compressed": "7z",
    "application/x-bzip2": "bz2",
    "application/x-chrome-extension": "zip",
    "application/x-java-jmod": "zip",
    "application/x-rar": "rar",
    "application/x-tar": "tar",
    "application/x-xz": "xz",
    "application/zip": "zip",
    "application/zstd": "zst",
    "model/vnd.usdz+zip": "zip",
}

_READERS: Mapping[str, Callable[[BinaryIO, Tally], None]] = MappingProxyType(
    {
        "zip": read_zip,
        "tar": tar.read,
        "7z": seven.read,
        "rar": rar.read,
        **dict.fromkeys(decoders.NAMES, compressed.read),
    }
)

# What lzma and zstd say, in words alone, of a stream whose window is over the limit that we give them.
_WINDOW_TOO_LARGE = ("Memory usage limit exceeded", "requires too much memory")


def prepare() -> None:
    """Bound the parsers that are not ours."""
    seven.prepare()
    rar.prepare()


def describe(file: BinaryIO, media_type: str) -> Described:
    """Return what the archive holds, counted up to a bound.

    Raise Refused where unpacking it would take more than its limits, lead outside or depend on the reader.
    """
    if media_type not in _FORMATS:
        raise Unreadable(f"No reader knows {media_type}.")
    within = Budget(NESTED_COUNTED_BYTES, NESTED_COUNTED_SECONDS)
    budget = Budget(COUNTED_BYTES, COUNTED_SECONDS)
    tally = Tally(_FORMATS[media_type], _size(file), budget, lambda inner, format_: _nested(inner, format_, within))
    return _read(file, tally).described()


def _nested(file: io.BytesIO, format_: str, budget: Budget) -> Tally:
    return _read(file, Tally(format_, _size(file), budget))


def _size(file: BinaryIO) -> int:
    return file.seek(0, io.SEEK_END)


def _read(file: BinaryIO, tally: Tally) -> Tally:
    with _faults_named():
        file.seek(0)
        try:
            _READERS[tally.format](file, tally)
        except BudgetSpent:
            tally.cut = True
    return tally


@contextmanager
def _faults_named() -> Iterator[None]:
    try:
        yield
    except (MemoryError, PermissionError, Refused):  # the cage's doing, or named already
        raise
    except Exception as fault:  # parsers raise nearly anything on broken bytes
        if any(words in str(fault) for words in _WINDOW_TOO_LARGE):
            raise bomb("Unpacking it takes more than 128 MiB of memory.") from fault
        raise Unreadable(f"{type(fault).__name__}: {fault}") from fault
