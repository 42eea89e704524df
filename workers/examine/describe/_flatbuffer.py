"""Reads single fields of a FlatBuffer by their place in its schema; it leaves the schema to who asks.

Every offset is checked by struct, which raises struct.error beyond the buffer:
https://flatbuffers.dev/internals/#tables
"""

import struct
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Table:
    """A table at a place of a buffer."""

    buffer: bytes
    place: int

    @classmethod
    def root(cls, buffer: bytes, start: int) -> Self:
        """Return the table that a FlatBuffer begins with."""
        return cls(buffer, start + _unpacked("I", buffer, start))

    def number(self, field: int, format_: str) -> int:
        """Return a number, by its format in struct's letters; 0, the default, where it is left out."""
        place = self._place_of(field)
        return _unpacked(format_, self.buffer, place) if place else 0

    def table(self, field: int) -> Self | None:
        """Return a table that this one points to, None where it is left out."""
        place = self._place_of(field)
        return type(self)(self.buffer, place + _unpacked("I", self.buffer, place)) if place else None

    def _place_of(self, field: int) -> int:
        vtable = self.place - _unpacked("i", self.buffer, self.place)
        if vtable < 0:  # struct would count from the end
            raise IndexError(vtable)
        entry = 4 + 2 * field
        if entry >= _unpacked("H", self.buffer, vtable):
            return 0
        offset = _unpacked("H", self.buffer, vtable + entry)
        return self.place + offset if offset else 0


def _unpacked(format_: str, buffer: bytes, place: int) -> int:
    return int(struct.unpack_from(f"<{format_}", buffer, place)[0])
