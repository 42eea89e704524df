"""Zip: directory, local headers and contents, which must agree; it leaves what lies before and after it to others.

https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
"""

import stat
import struct
import zlib
from collections.abc import Iterator
from typing import IO, BinaryIO, cast
from zipfile import ZipFile, ZipInfo

from workers.examine.describe import Unreadable
from workers.examine.describe._archives.guarded import Guarded
from workers.examine.describe._archives.heads import HEAD_BYTES, Head
from workers.examine.describe._archives.limits import (
    MAX_DIRECTORY_BYTES,
    MAX_ENTRIES,
    MAX_TARGET_BYTES,
    Budget,
    bomb,
    check_ratio,
    unsafe,
)
from workers.examine.describe._archives.methods import is_known, pieces
from workers.examine.describe._archives.names import check_mode, check_target, parts_of
from workers.examine.describe._archives.tally import Tally

_END = struct.Struct("<4s4H2LH")
_END_MAGIC = b"PK\x05\x06"
_END_BYTES = _END.size + 0xFFFF
_LOCAL = struct.Struct("<4s5H3L2H")
_LOCAL_MAGIC = b"PK\x03\x04"
_EXTRA = struct.Struct("<2H")
_ELSEWHERE_16, _ELSEWHERE_32 = 0xFFFF, 0xFFFFFFFF
"""Stand where the number is in a zip64 field."""

# General purpose bits, 4.4.4
_ENCRYPTED, _DESCRIPTOR, _UTF_8 = 1 << 0, 1 << 3, 1 << 11
_HIDDEN = _ENCRYPTED | 1 << 13
_ZIP64, _UNICODE_PATH = 0x0001, 0x7075


def read(file: BinaryIO, tally: Tally) -> None:
    """Count every entry."""
    disk, declared = _end(file)
    if disk not in {0, _ELSEWHERE_16}:
        raise Unreadable("It is one of several volumes, which cannot be read alone.")
    if declared != _ELSEWHERE_16 and declared > MAX_ENTRIES:
        raise bomb(f"It holds {declared} entries.")
    with ZipFile(cast("IO[bytes]", Guarded(file, MAX_DIRECTORY_BYTES))) as archive:
        entries = archive.infolist()
        tally.comment = bool(archive.comment)
    # Old writers count modulo 2^16.
    if declared != _ELSEWHERE_16 and (len(entries) - declared) % (1 << 16):
        raise unsafe("Its directory holds another number of entries than it says.")
    parts = {entry: _entered(entry, tally) for entry in entries}
    check_ratio(sum(entry.file_size for entry in entries), tally.packed_bytes)
    # All of the headers before any of the contents, of which the budget may not reach the last.
    starts = _starts(file, entries, archive.start_dir, tally.budget)
    for entry, start in list(starts):
        _content(file, start, entry, parts[entry], tally)


def _starts(file: BinaryIO, entries: list[ZipInfo], end: int, budget: Budget) -> Iterator[tuple[ZipInfo, int]]:
    """Yield the entries as they lie in the file, with the place of their bytes; raise Refused where they overlap."""
    free = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        budget.spend()
        if entry.header_offset < free:
            raise unsafe("Two entries overlap.")
        start = _local_header_checked(file, entry)
        free = start + entry.compress_size
        if free > end:
            raise unsafe("An entry reaches into the directory.")
        yield entry, start


def _end(file: BinaryIO) -> tuple[int, int]:
    """Return the number of this volume and that of all entries, from the end of the directory (4.3.16)."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _END_BYTES))
    tail = file.read(_END_BYTES)
    place = tail.rfind(_END_MAGIC)
    if place < 0 or len(tail) - place < _END.size:
        raise Unreadable("The directory at its end is missing.")
    if any(_reaches_the_end(tail, other) for other in _earlier_ends(tail, place)):
        raise unsafe("It has two ends, and it depends on the reader which of them counts.")
    _, disk, _, _, entries, *_ = _END.unpack_from(tail, place)
    return disk, entries


def _earlier_ends(tail: bytes, last: int) -> Iterator[int]:
    place = tail.rfind(_END_MAGIC, 0, last)
    while place >= 0:
        yield place
        place = tail.rfind(_END_MAGIC, 0, place)


def _reaches_the_end(tail: bytes, place: int) -> bool:
    """Tell whether an end record's comment ends with the file, as that of the real one does."""
    return len(tail) - place >= _END.size and place + _END.size + int(_END.unpack_from(tail, place)[-1]) == len(tail)


def _entered(entry: ZipInfo, tally: Tally) -> tuple[str, ...]:
    mode = entry.external_attr >> 16
    check_mode(mode)
    name = entry.orig_filename
    parts = tally.enter(name, folder=name.endswith(("/", "\\")), link=stat.S_ISLNK(mode))
    # A second name, which some readers prefer. Version and checksum of the first come before it (4.6.9).
    if (other := _extra(entry.extra, _UNICODE_PATH)) is not None:
        parts_of(other[5:].decode(errors="replace"))
    return parts


def _local_header_checked(file: BinaryIO, entry: ZipInfo) -> int:
    """Return where the entry's bytes begin; raise Refused where its own header tells another story (4.3.7)."""
    file.seek(entry.header_offset)
    header = file.read(_LOCAL.size)
    if len(header) < _LOCAL.size or not header.startswith(_LOCAL_MAGIC):
        raise Unreadable("An entry's header is missing.")
    _, _, flags, method, _, _, crc, packed, size, name_bytes, extra_bytes = _LOCAL.unpack(header)
    name, extra = file.read(name_bytes), file.read(extra_bytes)
    if flags & entry.flag_bits & _HIDDEN == _HIDDEN:  # the directory is encrypted, and this is why
        return file.tell()
    same = name == entry.orig_filename.encode("utf-8" if entry.flag_bits & _UTF_8 else "cp437")
    same &= method == entry.compress_type and not (flags ^ entry.flag_bits) & _ENCRYPTED
    if not flags & _DESCRIPTOR:  # else sizes and checksum follow the content
        if _ELSEWHERE_32 in {size, packed}:
            size, packed = _wide(size, packed, extra)
        same &= (crc, packed, size) == (entry.CRC, entry.compress_size, entry.file_size)
    if not same:
        raise unsafe("An entry's header and the directory disagree.")
    return file.tell()


def _wide(size: int, packed: int, extra: bytes) -> tuple[int, int]:
    """Return both sizes, those of zip64 where these stand for them (4.5.3)."""
    wide = _extra(extra, _ZIP64) or b""
    numbers = iter(struct.unpack(f"<{len(wide) // 8}Q", wide[: len(wide) // 8 * 8]))
    size = next(numbers, size) if size == _ELSEWHERE_32 else size
    return size, next(numbers, packed) if packed == _ELSEWHERE_32 else packed


def _extra(fields: bytes, wanted: int) -> bytes | None:
    """Return one extra field (4.5.1)."""
    place = 0
    while place + _EXTRA.size <= len(fields):
        kind, size = _EXTRA.unpack_from(fields, place)
        place += _EXTRA.size
        if kind == wanted:
            return fields[place : place + size]
        place += size
    return None


def _content(file: BinaryIO, start: int, entry: ZipInfo, parts: tuple[str, ...], tally: Tally) -> None:
    link = stat.S_ISLNK(entry.external_attr >> 16)
    if entry.flag_bits & _ENCRYPTED:
        tally.encrypted = True
    if entry.flag_bits & _ENCRYPTED or not is_known(entry.compress_type):
        tally.uncounted += 1
        tally.judge_by_name(entry.orig_filename)
        return
    head = Head(tally.look is not None, MAX_TARGET_BYTES if link else HEAD_BYTES)
    for piece in _verified(file, start, entry):
        tally.budget.spend(len(piece))
        tally.count(len(piece))
        head.add(piece)
    if not link:
        tally.look_into(head)
    elif entry.file_size > MAX_TARGET_BYTES:
        raise unsafe("A link's target is longer than a path may be.")
    else:
        check_target(parts, head.data.decode(errors="replace"))


def _verified(file: BinaryIO, start: int, entry: ZipInfo) -> Iterator[bytes]:
    """Yield the content; raise Refused where it is not of the size or the checksum that the directory declares."""
    size = crc = 0
    for piece in pieces(file, start, entry):
        size += len(piece)
        crc = zlib.crc32(piece, crc)
        if size > entry.file_size:
            break
        yield piece
    if size != entry.file_size:
        raise unsafe("An entry is not of the size that it declares.")
    if crc != entry.CRC:
        raise Unreadable("An entry's checksum is wrong.")
