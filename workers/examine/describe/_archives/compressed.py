"""Compressed files, of one content or a tar, counted while they are unpacked; it leaves the tar to tar.py."""

from collections.abc import Iterator
from itertools import chain
from typing import BinaryIO

from workers.examine.describe._archives import tar
from workers.examine.describe._archives.decoders import Packed
from workers.examine.describe._archives.guarded import Forward
from workers.examine.describe._archives.heads import HEAD_BYTES, Head, begins_tar
from workers.examine.describe._archives.limits import BudgetSpent, check_ratio
from workers.examine.describe._archives.tally import Tally

# https://www.rfc-editor.org/rfc/rfc1952#section-2.3
_GZIP_HEADER_BYTES = 10
_HAS_EXTRA, _HAS_NAME, _HAS_COMMENT = 1 << 2, 1 << 3, 1 << 4
_SEARCHED_BYTES = 64 * 1024


def read(file: BinaryIO, tally: Tally) -> None:
    """Count what comes out, and the entries where that is a tar."""
    name = _gzip_name(file, tally) if tally.format == "gz" else None
    file.seek(0)
    packed = Packed(file)
    streamed = _counted(packed.all_unpacked(tally.format), tally)
    try:
        _read(streamed, name, tally)
    except BudgetSpent:
        # The file's end is not reached: the part that was unpacked decides.
        check_ratio(tally.streamed, packed.taken)
        raise
    if packed.trailing:
        tally.warnings.append("bytes that are not compressed follow its end")


def _counted(pieces: Iterator[bytes], tally: Tally) -> Iterator[bytes]:
    for piece in pieces:
        tally.streamed += len(piece)
        tally.budget.spend(len(piece))
        check_ratio(tally.streamed, tally.packed_bytes)
        yield piece


def _read(streamed: Iterator[bytes], name: str | None, tally: Tally) -> None:
    begin = b""
    while len(begin) < HEAD_BYTES and (piece := next(streamed, None)) is not None:
        begin += piece
    if begins_tar(begin):
        tally.format = f"tar.{tally.format}"
        tar.read(Forward(chain((begin,), streamed)), tally)
        for _ in streamed:  # the tar has ended, its checksum has not
            pass
    else:
        _single(chain((begin,), streamed), name, tally)


def _single(streamed: Iterator[bytes], name: str | None, tally: Tally) -> None:
    if name is None:
        tally.entries = tally.depth = 1
    else:
        tally.enter(name)
    head = Head(tally.look is not None)
    for piece in streamed:
        tally.count(len(piece))
        head.add(piece)
    tally.look_into(head)


def _gzip_name(file: BinaryIO, tally: Tally) -> str | None:
    """Return the content's name where gzip tells it, and note whether there is a comment."""
    header = file.read(_SEARCHED_BYTES)
    flags = header[3] if len(header) > _GZIP_HEADER_BYTES else 0
    tally.comment = bool(flags & _HAS_COMMENT)
    if not flags & _HAS_NAME:
        return None
    rest = header[_GZIP_HEADER_BYTES:]
    if flags & _HAS_EXTRA:
        rest = rest[2 + int.from_bytes(rest[:2], "little") :]
    return rest.partition(b"\0")[0].decode("latin-1") or None
