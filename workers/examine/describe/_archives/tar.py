"""Tar, plain or as it is unpacked, entry by entry; it leaves unpacking to compressed.py."""

import tarfile
from typing import IO, Any, BinaryIO, cast

from workers.examine.describe import Unreadable
from workers.examine.describe._archives.decoders import PIECE_BYTES
from workers.examine.describe._archives.guarded import Forward, Guarded
from workers.examine.describe._archives.heads import Head
from workers.examine.describe._archives.limits import MAX_HEADER_BYTES, unsafe
from workers.examine.describe._archives.names import check_target, parts_of
from workers.examine.describe._archives.tally import Tally

_CONTINUED = b"M"  # https://www.gnu.org/software/tar/manual/html_node/Standard.html


def read(file: BinaryIO | Forward, tally: Tally) -> None:
    """Count every entry, by its header; contents are passed over but for their first bytes."""
    guarded = Guarded(file, MAX_HEADER_BYTES)
    archive: Any = tarfile.TarFile(fileobj=cast("IO[bytes]", guarded), encoding="utf-8", errors="surrogateescape")
    place = -1
    while member := archive.next():
        if archive.offset <= place or member.size < 0:
            raise Unreadable("An entry ends before it begins.")
        place = archive.offset
        _entry(member, file, tally)
        # It would keep every entry, and what global headers say.
        archive.members.clear()
        archive.pax_headers.clear()
        guarded.allowance = MAX_HEADER_BYTES
    # A header that it cannot read is the end to tarfile. To us, only zeros or the file's end are.
    if any(guarded.last):
        raise Unreadable("An entry's header is broken.")


def _entry(member: tarfile.TarInfo, file: BinaryIO | Forward, tally: Tally) -> None:
    parts = tally.enter(member.name, folder=member.isdir(), link=member.issym())
    if member.isdev():
        raise unsafe("It holds a device or a pipe.")
    if member.issym():
        check_target(parts, member.linkname)
    elif member.islnk():
        parts_of(member.linkname)
    elif not member.isdir():
        tally.multi_volume |= member.type == _CONTINUED
        tally.count(member.size)
        if not member.issparse():
            tally.look_into(_head(member, file, whole=tally.look is not None))


def _head(member: tarfile.TarInfo, file: BinaryIO | Forward, *, whole: bool) -> Head:
    head, left = Head(whole), member.size
    file.seek(member.offset_data)
    while head.hungry and left and (piece := file.read(min(left, PIECE_BYTES if head.format else head.need))):
        head.add(piece)
        left -= len(piece)
    return head
