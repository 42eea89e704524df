"""How many pictures a GIF, PNG, WebP or TIFF holds and how long they play, read from its blocks; none is decoded.

Pillow counts by walking over all of them, without a bound.
"""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

MAX_FRAMES = 10_000
"""Pictures beyond this are not counted."""
_MAX_BLOCKS = 1_000_000


@dataclass(frozen=True, slots=True)
class Frames:
    """What was counted; the seconds are None for pictures that do not follow each other in time."""

    number: int
    seconds: float | None = None

    @property
    def are_all(self) -> bool:
        """Whether the count came to its end before the bound."""
        return self.number <= MAX_FRAMES


def count(file: BinaryIO, format_: str) -> Frames | None:
    """Return the pictures of a file, given its format in Pillow's words; None where Pillow tells them itself."""
    counter = _COUNTERS.get(format_)
    if counter is None:
        return None
    file.seek(0)
    return counter(file)


def _timed(delays: Iterator[float]) -> Frames:
    number, seconds = 0, 0.0
    for delay in delays:
        number, seconds = number + 1, seconds + delay
        if number > MAX_FRAMES:
            break
    return Frames(number, round(seconds, 6)) if number > 1 else Frames(1)


def _gif(file: BinaryIO) -> Frames:
    return _timed(_gif_delays(file))


def _gif_delays(file: BinaryIO) -> Iterator[float]:
    """Yield each picture's seconds: https://www.w3.org/Graphics/GIF/spec-gif89a.txt, sections 20 and 23."""
    head = file.read(13)
    file.seek(_table_bytes(head[10:11]), 1)
    delay = 0.0
    for _ in range(_MAX_BLOCKS):
        introducer = file.read(1)
        if introducer == b"!":
            label, size = file.read(1), file.read(1)
            control = file.read(4) if (label, size) == (b"\xf9", b"\x04") else b""
            delay = int.from_bytes(control[1:3], "little") / 100 if control else delay
            file.seek(0 if control else int.from_bytes(size), 1)
            if size != b"\0":
                _skip_blocks(file)
        elif introducer == b",":
            file.seek(_table_bytes(file.read(9)[8:]) + 1, 1)
            _skip_blocks(file)
            yield delay
            delay = 0.0
        else:  # the trailer, or the end of the file
            return


def _table_bytes(flags: bytes) -> int:
    return 3 << (flags[0] & 7) + 1 if flags and flags[0] & 0x80 else 0


def _skip_blocks(file: BinaryIO) -> None:
    for _ in range(_MAX_BLOCKS):
        size = file.read(1)
        if size in {b"", b"\0"}:
            return
        file.seek(size[0], 1)


def _png(file: BinaryIO) -> Frames:
    return _timed(_png_delays(file))


def _png_delays(file: BinaryIO) -> Iterator[float]:
    """Yield each picture's seconds, nothing where it is a plain PNG: https://www.w3.org/TR/png-3/#apng-frame-based."""
    animated = False
    file.seek(8)
    for _ in range(_MAX_BLOCKS):
        head = file.read(8)
        length = int.from_bytes(head[:4], "big")
        name = head[4:]
        animated = animated or name == b"acTL"
        if name in {b"", b"IEND"} or (name == b"IDAT" and not animated):
            return
        data = file.read(26) if name == b"fcTL" else b""
        if len(data) == 26:  # noqa: PLR2004
            numerator, denominator = struct.unpack(">HH", data[20:24])
            yield numerator / (denominator or 100)
        file.seek(length - len(data) + 4, 1)


def _webp(file: BinaryIO) -> Frames:
    return _timed(_webp_delays(file))


def _webp_delays(file: BinaryIO) -> Iterator[float]:
    """Yield each picture's seconds: https://developers.google.com/speed/webp/docs/riff_container#animation."""
    file.seek(12)
    for _ in range(_MAX_BLOCKS):
        head = file.read(8)
        if len(head) < 8:  # noqa: PLR2004
            return
        length = int.from_bytes(head[4:], "little")
        data = file.read(16) if head[:4] == b"ANMF" else b""
        if len(data) == 16:  # noqa: PLR2004
            yield int.from_bytes(data[12:15], "little") / 1000
        file.seek(length + length % 2 - len(data), 1)


def _tiff(file: BinaryIO) -> Frames:
    """Follow the chain of directories: https://www.awaresystems.be/imaging/tiff/bigtiff.html."""
    head = file.read(16)
    order = "<" if head[:2] == b"II" else ">"
    big = head[2:4] in {b"+\0", b"\0+"}
    count, entry, offset = ("Q", 20, "Q") if big else ("H", 12, "I")
    start = 8 if big else 4
    (position,) = struct.unpack_from(order + offset, head, start)
    seen: set[int] = set()
    while position and position not in seen and len(seen) <= MAX_FRAMES:
        seen.add(position)
        position = _next_directory(file, position, order, (count, entry, offset))
    return Frames(len(seen))


def _next_directory(file: BinaryIO, position: int, order: str, layout: tuple[str, int, str]) -> int:
    """Return where the next directory is, 0 where there is none or the file ends."""
    count, entry, offset = layout
    file.seek(position)
    entries = _number(file, order + count)
    file.seek(position + struct.calcsize(count) + entries * entry)
    return _number(file, order + offset)


def _number(file: BinaryIO, layout: str) -> int:
    data = file.read(struct.calcsize(layout))
    return int(struct.unpack(layout, data)[0]) if len(data) == struct.calcsize(layout) else 0


_COUNTERS: dict[str, Callable[[BinaryIO], Frames]] = {"GIF": _gif, "PNG": _png, "TIFF": _tiff, "WEBP": _webp}
