"""Where a PNG, JPEG or GIF ends by its own format, read in bounded steps; it leaves what follows to trailer.py."""

import re
from collections.abc import Callable

from workers.examine.content import Content

_MAX_PARTS = 500_000
"""Chunks, segments or blocks that are stepped over; an end behind more of them is not looked for."""
_PNG_START, _PNG_OVERHEAD = 8, 12
_GIF_START, _GIF_IMAGE_BYTES = 13, 10
_GIF_IMAGE, _GIF_EXTENSION, _GIF_END = 0x2C, 0x21, 0x3B
_JPEG_BARE = frozenset({0x01, *range(0xD0, 0xD9)})
_JPEG_END, _JPEG_SCAN = 0xD9, 0xDA
# In the coded data 0xFF stands before zero, as itself, or before a restart: ITU-T T.81, section B.1.1.
_MARKER = re.compile(rb"\xff[^\0\xd0-\xd7\xff]")
_FIRST_BYTES, _CHUNK_BYTES = 4096, 1024**2
"""Read at once while a marker is looked for: the next one is near, or far."""


def picture_end(content: Content, media_type: str) -> int | None:
    """Return the place behind the picture's last byte, None where it has no end or another format."""
    look = _LOOKS.get(media_type)
    return look(content) if look else None


def _png_end(content: Content) -> int | None:
    """Step over chunks: https://www.w3.org/TR/png-3/#5Chunk-layout."""
    at = _PNG_START
    for _ in range(_MAX_PARTS):
        header = content.read(at, 8)
        if len(header) < 8:  # noqa: PLR2004 - length and name
            return None
        at += _PNG_OVERHEAD + int.from_bytes(header[:4], "big")
        if header[4:] == b"IEND":
            return at
    return None


def _jpeg_end(content: Content) -> int | None:
    """Step over segments and search the coded data between them: ITU-T T.81, section B.1."""
    at = 2
    for _ in range(_MAX_PARTS):
        header = content.read(at, 4)
        if len(header) < 2 or header[0] != 0xFF:  # noqa: PLR2004 - a marker
            return None
        if header[1] == _JPEG_END:
            return at + 2
        if header[1] == 0xFF or header[1] in _JPEG_BARE:  # noqa: PLR2004 - a fill byte
            at += 1 if header[1] == 0xFF else 2  # noqa: PLR2004
            continue
        at += 2 + int.from_bytes(header[2:4], "big")
        if header[1] == _JPEG_SCAN:
            at = _next_marker(content, at)
    return None


def _next_marker(content: Content, at: int) -> int:
    length = _FIRST_BYTES
    while chunk := content.read(at, length):
        if found := _MARKER.search(chunk):
            return at + found.start()
        if len(chunk) == 1:
            break
        at, length = at + len(chunk) - 1, _CHUNK_BYTES
    return content.size


def _gif_end(content: Content) -> int | None:
    """Step over blocks and the runs of sub-blocks in them: https://www.w3.org/Graphics/GIF/spec-gif89a.txt."""
    at, in_run = _GIF_START + _palette(content.read(10, 1)), False
    for _ in range(_MAX_PARTS):
        block = content.read(at, _GIF_IMAGE_BYTES)
        if not block:
            return None
        if in_run:
            at, in_run = at + 1 + block[0], block[0] != 0
        elif block[0] == _GIF_IMAGE:
            at, in_run = at + 1 + _GIF_IMAGE_BYTES + _palette(block[-1:]), True
        elif block[0] == _GIF_EXTENSION:
            at, in_run = at + 2, True
        else:
            return at + 1 if block[0] == _GIF_END else None
    return None


def _palette(flags: bytes) -> int:
    return 3 << (flags[0] & 0x07) + 1 if flags and flags[0] & 0x80 else 0


_LOOKS: dict[str, Callable[[Content], int | None]] = {
    "image/gif": _gif_end,
    "image/jpeg": _jpeg_end,
    "image/png": _png_end,
}
