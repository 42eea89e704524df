"""safetensors, whose header we read by its rules; it leaves the tensors unread.

The format's own library wants a path or all bytes in memory. https://huggingface.co/docs/safetensors/index#format
"""

import io
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO, TypeGuard

from shared.metadata.data import MAX_ARRAYS, MAX_DIMENSIONS, MAX_PROPERTIES, Array, ArraysMetadata
from workers.examine.describe import Described, Unreadable
from workers.examine.describe._bounds import BeyondBound
from workers.examine.describe._json_events import CLOSING, Event, events

_LENGTH_BYTES = 8
_MAX_HEADER_BYTES = 100_000_000
_MAX_LENGTH = 2**53
_DEPTH = 3
_PLACES = 2
_PROPERTIES = "__metadata__"

_BITS = {
    "F4": 4,
    **dict.fromkeys(("F6_E2M3", "F6_E3M2"), 6),
    **dict.fromkeys(("BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3", "F8_E8M0", "F8_E5M2FNUZ", "F8_E4M3FNUZ"), 8),
    **dict.fromkeys(("U16", "I16", "F16", "BF16"), 16),
    **dict.fromkeys(("U32", "I32", "F32"), 32),
    **dict.fromkeys(("U64", "I64", "F64", "C64"), 64),
}
"""Type → bits of an element: https://docs.rs/safetensors/latest/safetensors/tensor/enum.Dtype.html"""


@dataclass(slots=True)
class _Seen:
    """What was seen of the header so far."""

    names: set[str] = field(default_factory=set)
    arrays: list[Array] = field(default_factory=list)
    elements: int = 0
    places: list[tuple[int, int]] = field(default_factory=list)
    """Where each tensor begins and ends, in bytes behind the header."""
    properties: dict[str, str] | None = None
    unknown: bool = False
    """Whether a tensor has a type whose size we do not know."""


class _Header(io.RawIOBase):
    """The header's bytes alone."""

    def __init__(self, file: BinaryIO, length: int) -> None:
        super().__init__()
        self._file = file
        self._left = length

    def read(self, size: int = -1, /) -> bytes:
        chunk = self._file.read(min(size, self._left))
        self._left -= len(chunk)
        return chunk


def describe(file: BinaryIO) -> Described:
    """Return the tensors' names, shapes and types; raise Unreadable where the header breaks a rule of the format."""
    end = file.seek(0, io.SEEK_END)
    file.seek(0)
    length = int.from_bytes(file.read(_LENGTH_BYTES), "little")
    data = end - _LENGTH_BYTES - length
    if length > _MAX_HEADER_BYTES or data < 0:
        raise Unreadable("The header is longer than the file or than the format allows.")
    if file.read(1) != b"{":
        raise Unreadable("The header does not begin with a brace.")
    file.seek(_LENGTH_BYTES)
    seen = _Seen()
    try:
        for name, members in _entries(events(_Header(file, length), _DEPTH)):
            _see(name, members, seen)
    except BeyondBound as bound:
        return Described(ArraysMetadata(format="safetensors", arrays=tuple(seen.arrays)), (str(bound),))
    _check_places(seen.places, data)
    metadata = ArraysMetadata(
        format="safetensors",
        arrays=tuple(seen.arrays),
        arrays_total=len(seen.places),
        elements=seen.elements,
        bytes=data,
        properties=seen.properties,
    )
    unknown = ("a tensor's type is not known, so its size was not checked",) if seen.unknown else ()
    return Described(metadata, unknown)


def _entries(stream: Iterator[Event]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each name with its members, which are texts, numbers or lists of numbers; raise Unreadable for others."""
    name, key = "", ""
    members: dict[str, Any] = {}
    for level, event, value in stream:
        match level, event:
            case 1, "map_key":
                name = str(value)
            case 1, "start_map":
                members = {}
            case 1, "end_map":
                yield name, members
            case 2, "map_key":
                key = str(value)
            case 2, "start_array":
                members[key] = []
            case 2, "string":
                members[key] = value
            case 3, "number":
                members[key].append(value)
            case _ if level and event not in CLOSING:
                raise Unreadable("The header has a value where the format has none.")


def _see(name: str, members: dict[str, Any], seen: _Seen) -> None:
    if name in seen.names:
        raise Unreadable("A name stands in the header twice.")
    seen.names.add(name)
    if name == _PROPERTIES:
        if not all(isinstance(value, str) for value in members.values()):
            raise Unreadable("The header's own metadata is not all text.")
        seen.properties = dict(list(members.items())[:MAX_PROPERTIES])
        return
    dtype, shape, offsets = (members.get(key) for key in ("dtype", "shape", "data_offsets"))
    if not isinstance(dtype, str) or not _are_lengths(shape) or not _are_lengths(offsets) or len(offsets) != _PLACES:
        raise Unreadable("A tensor lacks its type, shape or place.")
    begin, end = offsets
    elements, bits = math.prod(shape), _BITS.get(dtype)
    if end < begin or (bits and elements * bits != 8 * (end - begin)):
        raise Unreadable("A tensor's place is not as long as its shape and type make it.")
    seen.unknown |= bits is None
    seen.elements += elements
    seen.places.append((begin, end))
    if len(seen.arrays) < MAX_ARRAYS:
        seen.arrays.append(Array(name=name, shape=tuple(shape), dtype=dtype, bytes=end - begin))


def _are_lengths(values: Any) -> TypeGuard[list[int]]:
    return (
        isinstance(values, list)
        and len(values) <= MAX_DIMENSIONS
        and all(type(value) is int and 0 <= value < _MAX_LENGTH for value in values)
    )


def _check_places(places: list[tuple[int, int]], data: int) -> None:
    """Raise Unreadable unless the tensors lie one behind the other and fill all that follows the header."""
    reached = 0
    for begin, end in sorted(places):
        if begin != reached:
            raise Unreadable("Tensors overlap." if begin < reached else "There is a hole between tensors.")
        reached = end
    if reached != data:
        raise Unreadable(f"The tensors take {reached} bytes, and {data} follow the header.")
