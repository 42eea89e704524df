"""RAR, by rarfile, headers alone: only RARLAB's own program may unpack it; nothing is unpacked or started here.

https://www.rarlab.com/technote.htm
"""

from dataclasses import dataclass
from typing import Any, BinaryIO

import rarfile

from workers.examine.describe import Unreadable
from workers.examine.describe._archives.guarded import Guarded
from workers.examine.describe._archives.limits import MAX_DIRECTORY_BYTES, MAX_ENTRIES, MAX_TARGET_BYTES, bomb
from workers.examine.describe._archives.names import check_mode, check_target, parts_of
from workers.examine.describe._archives.tally import Tally

_MAX_BLOCKS = 3 * MAX_ENTRIES
"""Each entry may have service blocks, such as for its access rights."""
_LINKS = {
    rarfile.RAR5_XREDIR_UNIX_SYMLINK,
    rarfile.RAR5_XREDIR_WINDOWS_SYMLINK,
    rarfile.RAR5_XREDIR_WINDOWS_JUNCTION,
}
_UNKNOWN_SIZE = 1 << 3  # of a RAR5 file header's flags


def prepare() -> None:
    """Leave comments unread: a packed one would start a program."""
    rarfile.RAR_MAX_COMMENT = -1


def read(file: BinaryIO, tally: Tally) -> None:
    """Count every entry as it is declared."""
    tally.declared = True
    blocks = _Blocks(file, tally)
    guarded = Guarded(file, MAX_DIRECTORY_BYTES)
    archive = rarfile.RarFile(guarded, errors="strict", part_only=True, info_callback=blocks.add)
    tally.encrypted = archive.needs_password()
    if tally.encrypted and not tally.entries:
        tally.closed = "its directory is encrypted, so nothing in it could be read"
    elif not blocks.ended and blocks.place < tally.packed_bytes:  # rarfile stops at what it does not know
        raise Unreadable("A block in it is of no known kind.")
    elif tally.multi_volume:
        tally.warnings.append("it is one of several volumes, so entries and bytes are those that begin in it")


@dataclass(slots=True)
class _Blocks:
    """The archive's blocks, one after the other as they are parsed."""

    file: BinaryIO
    tally: Tally
    number: int = 0
    place: int = 0
    """Where the next block begins."""
    ended: bool = False

    def add(self, block: Any) -> None:
        """Count a block; raise Refused where it is unsafe or one too many, Unreadable where its data are cut."""
        self.number += 1
        if self.number > _MAX_BLOCKS:
            raise bomb(f"It holds more than {_MAX_BLOCKS} blocks.")
        self.place = block.data_offset + block.add_size
        self.ended = block.type == rarfile.RAR_BLOCK_ENDARC
        if self.place > self.tally.packed_bytes:
            raise Unreadable("An entry is cut.")
        if block.type == rarfile.RAR_BLOCK_MAIN:
            self.tally.multi_volume |= bool(block.flags & rarfile.RAR_MAIN_VOLUME)
            self.tally.comment |= bool(block.flags & rarfile.RAR_MAIN_COMMENT)
        elif block.type == rarfile.RAR_BLOCK_SUB:
            self.tally.comment |= block.filename == "CMT"
        elif block.type == rarfile.RAR_BLOCK_FILE and not block.flags & rarfile.RAR_FILE_SPLIT_BEFORE:
            self._enter(block)

    def _enter(self, entry: Any) -> None:
        if entry.host_os == rarfile.RAR_OS_UNIX:
            check_mode(entry.mode)
        link = entry.is_symlink()
        parts = self.tally.enter(entry.filename, folder=entry.is_dir(), link=link)
        self.tally.judge_by_name(entry.filename)
        if entry.file_redir:
            kind, _, target = entry.file_redir
            check_target(parts, target) if kind in _LINKS else parts_of(target)
        elif link:
            self._check_stored(parts, entry)
        self._count(entry)

    def _check_stored(self, parts: tuple[str, ...], link: Any) -> None:
        """Check the target that an older link has for its content."""
        if link.compress_type != rarfile.RAR_M0 or link.needs_password() or link.compress_size > MAX_TARGET_BYTES:
            self.tally.uncounted += 1
            return
        self.file.seek(link.data_offset)
        check_target(parts, self.file.read(link.compress_size).decode(errors="replace"))

    def _count(self, entry: Any) -> None:
        if getattr(entry, "file_flags", 0) & _UNKNOWN_SIZE:
            self.tally.uncounted += 1
        elif entry.flags & rarfile.RAR_FILE_SPLIT_AFTER:  # its size is that of all its parts
            self.tally.unpacked_bytes += entry.file_size
        else:
            self.tally.count(entry.file_size)
