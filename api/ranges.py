"""Byte ranges of a request (RFC 9110, section 14); it leaves reading the bytes to the store."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from shared.errors import RangeNotSatisfiable

_RANGE = re.compile(r"bytes=(\d{0,19})-(\d{0,19})")


@dataclass(frozen=True)
class ByteRange:
    """Bytes from `start` up to, not including, `stop`."""

    start: int
    stop: int


def wanted_range(headers: Mapping[str, str], size: int, etag: str) -> ByteRange | None:
    """Return the single range that is wanted; None means all, as for a form that we may ignore (section 14.2).

    Raise RangeNotSatisfiable where it lies behind the end.
    """
    match = _RANGE.fullmatch(headers.get("range", "").replace(" ", ""))
    if match is None or match[0] == "bytes=-" or headers.get("if-range", etag) != etag:
        return None
    first, last = match.groups()
    if first:
        start, stop = int(first), min(int(last) + 1, size) if last else size
        if last and int(last) < start:
            return None
    else:
        start, stop = max(0, size - int(last)), size
    if start >= size or stop == start:
        raise RangeNotSatisfiable(size)
    return ByteRange(start, stop)
