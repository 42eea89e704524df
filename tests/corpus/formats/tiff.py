"""Writes TIFF directories (TIFF 6.0, section 2), sound and lying; EXIF is one too."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

BYTE, ASCII, SHORT, LONG, RATIONAL = 1, 2, 3, 4, 5


@dataclass(frozen=True)
class Field:
    """One field of a directory; a value of more than 4 bytes is an offset."""

    tag: int
    type: int
    count: int
    value: int | bytes

    def packed(self) -> bytes:
        """Return its twelve bytes."""
        value = self.value if isinstance(self.value, bytes) else struct.pack("<I", self.value)
        return struct.pack("<HHI", self.tag, self.type, self.count) + value.ljust(4, b"\0")[:4]


def directory(fields: Sequence[Field], following: int = 0) -> bytes:
    """Return one directory and where the following one stands."""
    entries = b"".join(field.packed() for field in sorted(fields, key=lambda field: field.tag))
    return struct.pack("<H", len(fields)) + entries + struct.pack("<I", following)


def head(offset: int = 8) -> bytes:
    """Return the first eight bytes: little-endian, and where the first directory stands."""
    return b"II*\0" + struct.pack("<I", offset)


def grey(width: int, height: int, strip: int) -> list[Field]:
    """Return the fields of a grey picture whose one strip of bytes stands at an offset."""
    return [
        Field(256, LONG, 1, width),
        Field(257, LONG, 1, height),
        Field(258, SHORT, 1, 8),
        Field(259, SHORT, 1, 1),
        Field(262, SHORT, 1, 1),
        Field(273, LONG, 1, strip),
        Field(277, SHORT, 1, 1),
        Field(278, LONG, 1, height),
        Field(279, LONG, 1, width * height & 0xFFFFFFFF),
    ]
