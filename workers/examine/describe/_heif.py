"""The items of a HEIF file and what binds them: ISO/IEC 14496-12, section 8.11; it leaves decoding them to _heic.py."""

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from workers.examine.describe import Unreadable

_HEADER_BYTES = 8
_MAX_META_BYTES = 4 * 1024 * 1024
_MAX_BOXES = 10_000
_MAX_ITEMS = 10_000
_MAX_EXTENTS = 64
_MAX_ITEM_BYTES = 64 * 1024 * 1024
_IN_FILE, _IN_META = 0, 1


class Broken(Unreadable):
    """The main picture cannot be had from it."""

    def __init__(self, detail: str = "The boxes of the file do not make a picture.") -> None:
        super().__init__(detail)


class Cut(Broken):
    """The file ends before a part that it lists."""

    def __init__(self) -> None:
        super().__init__("The file is cut: a part of the picture stands behind its end.")


@dataclass(slots=True)
class Item:
    """One picture, or how pictures make one."""

    kind: bytes = b""
    method: int = _IN_FILE
    extents: list[tuple[int, int]] = field(default_factory=list)
    """Start and length of each part."""
    properties: list[tuple[bytes, bytes]] = field(default_factory=list)
    """Type and content of each property box, in the order in which they apply."""

    def told(self, kind: bytes) -> bytes:
        """Return the first property of that type."""
        for name, content in self.properties:
            if name == kind:
                return content
        raise Broken


@dataclass(slots=True)
class Heif:
    """All items of a file by their numbers."""

    file: BinaryIO
    primary: int = 0
    items: dict[int, Item] = field(default_factory=dict)
    links: dict[tuple[bytes, int], tuple[int, ...]] = field(default_factory=dict)
    """Type and source of a reference → its targets, in their order."""
    embedded: bytes = b""

    def item(self, number: int) -> Item:
        """Return an item; raise Broken where there is none."""
        if number not in self.items:
            raise Broken
        return self.items[number]

    def data(self, item: Item) -> bytes:
        """Return the item's bytes; raise Cut where the file ends before them."""
        self.find(item)
        source = self.file if item.method == _IN_FILE else io.BytesIO(self.embedded)
        return b"".join(_part(source, start, length) for start, length in item.extents)

    def find(self, item: Item) -> None:
        """Raise Cut where the file ends before the item does, Broken where its data are none or beyond our bound."""
        if item.method not in {_IN_FILE, _IN_META} or not 0 < sum(n for _, n in item.extents) <= _MAX_ITEM_BYTES:
            raise Broken
        size = self.file.seek(0, io.SEEK_END) if item.method == _IN_FILE else len(self.embedded)
        if max(start + length for start, length in item.extents) > size:
            raise Cut


def read(file: BinaryIO) -> Heif:
    """Read the box that lists the items; raise Broken where it isn't whole."""
    heif = Heif(file)
    for kind, content in _boxes(_meta(file)):
        if kind in _READERS:
            _READERS[kind](heif, _Numbers(content))
        elif kind == b"idat":
            heif.embedded = content
    return heif


class _Numbers(io.BytesIO):
    """Big-endian numbers, one after the other."""

    def next(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def take(self, size: int) -> bytes:
        data = self.read(size)
        if len(data) < size:
            raise Broken
        return data

    def version(self) -> int:
        return self.next(4) >> 24


def _meta(file: BinaryIO) -> bytes:
    """Return what stands in the first `meta` of the top level, behind its version."""
    position = 0
    for _ in range(_MAX_BOXES):
        file.seek(position)
        header = file.read(16)
        size = int.from_bytes(header[:4], "big")
        if header[4:8] == b"meta" and size <= _MAX_META_BYTES:
            return _part(file, position + 12, size - 12)
        size = int.from_bytes(header[8:], "big") if size == 1 else size
        if size < _HEADER_BYTES:  # broken, or the file's end
            break
        position += size
    raise Broken


def _part(file: BinaryIO, start: int, length: int) -> bytes:
    file.seek(start)
    data = file.read(max(0, length))
    if len(data) != length:
        raise Cut
    return data


def _boxes(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield type and content of each box."""
    position = 0
    while position < len(content):
        size, kind = struct.unpack_from(">I4s", content.ljust(position + 8), position)
        if not _HEADER_BYTES <= size <= len(content) - position:
            raise Broken
        yield kind, content[position + 8 : position + size]
        position += size


def _primary(heif: Heif, box: _Numbers) -> None:
    heif.primary = box.next(4 if box.version() else 2)


def _kinds(heif: Heif, box: _Numbers) -> None:
    box.next(4 if box.version() else 2)
    for kind, content in _boxes(box.read()):
        entry = _Numbers(content)
        version = entry.version()
        if kind == b"infe" and version in {2, 3}:
            number = entry.next(2 * version - 2)
            entry.next(2)
            _known(heif, number).kind = entry.take(4)


def _places(heif: Heif, box: _Numbers) -> None:
    version = box.version()
    sizes = box.next(2)
    offset, length, base, index = (sizes >> shift & 15 for shift in (12, 8, 4, 0))
    for _ in range(box.next(4 if version == 2 else 2)):  # noqa: PLR2004 - a version
        item = _known(heif, box.next(4 if version == 2 else 2))  # noqa: PLR2004 - a version
        item.method = box.next(2) & 15 if version else _IN_FILE
        if box.next(2):  # in another file
            item.method = -1
        start, parts = box.next(base), box.next(2)
        if len(item.extents) + parts > _MAX_EXTENTS:
            raise Broken
        for _ in range(parts):
            box.next(index if version else 0)
            item.extents.append((start + box.next(offset), box.next(length)))


def _links(heif: Heif, box: _Numbers) -> None:
    size = 4 if box.version() else 2
    for kind, content in _boxes(box.read()):
        link = _Numbers(content)
        source, number = link.next(size), link.next(2)
        heif.links[kind, source] = tuple(link.next(size) for _ in range(number))


def _properties(heif: Heif, box: _Numbers) -> None:
    parts = list(_boxes(box.read()))
    kept = [one for kind, content in parts if kind == b"ipco" for one in _boxes(content)]
    for content in (content for kind, content in parts if kind == b"ipma"):
        _bind(heif, _Numbers(content), kept)


def _bind(heif: Heif, box: _Numbers, kept: list[tuple[bytes, bytes]]) -> None:
    start = box.next(4)
    number_size, wide = (4 if start >> 24 else 2), start & 1
    for _ in range(box.next(4)):
        item = _known(heif, box.next(number_size))
        for _ in range(box.next(1)):
            place = box.next(2) & 0x7FFF if wide else box.next(1) & 0x7F
            if 0 < place <= len(kept):
                item.properties.append(kept[place - 1])


def _known(heif: Heif, number: int) -> Item:
    if len(heif.items) >= _MAX_ITEMS:
        raise Broken
    return heif.items.setdefault(number, Item())


_READERS = {b"pitm": _primary, b"iinf": _kinds, b"iloc": _places, b"iref": _links, b"iprp": _properties}
