"""EBML files by their DocType: Matroska or WebM; it leaves the streams to the describers."""

from workers.examine.content import Content

_MARK = b"\x1aE\xdf\xa3"
_DOCTYPE = b"\x42\x82"
_TYPES = {b"webm": "video/webm", b"matroska": "video/x-matroska"}
_MAX_HEADER_BYTES = 4096
_MAX_VINT_BYTES = 8


def look(content: Content) -> str | None:
    """Return the type that the header names: RFC 8794, section 11.2.4."""
    head = content.head[:_MAX_HEADER_BYTES]
    if not head.startswith(_MARK):
        return None
    length, at = _vint(head, len(_MARK))
    end = min(len(head), at + length)
    while at < end:
        name, at = head[at : at + _width(head[at])], at + _width(head[at])
        length, at = _vint(head, at)
        if name == _DOCTYPE:
            return _TYPES.get(head[at : at + length].rstrip(b"\0"))
        at += length
    return None


def _vint(head: bytes, at: int) -> tuple[int, int]:
    """Return an element's length and where its data start: RFC 8794, section 4."""
    width = _width(head[at]) if at < len(head) else _MAX_VINT_BYTES
    value = int.from_bytes(head[at : at + width], "big")
    return value & ((1 << 7 * width) - 1), at + width


def _width(first: int) -> int:
    return min(_MAX_VINT_BYTES, 9 - first.bit_length())
