"""A document that is a zip of parts, read part by part within one budget; it leaves their meaning to each format."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from shared.ingest import Reason
from workers.examine.describe import Refused, Unreadable

MAX_BYTES = 64 * 1024 * 1024
"""How much is unpacked of one document, all parts together."""
MAX_RATIO = 100
"""A part, or a document, that unpacks to more than this many times its size and than MAX_BYTES is a bomb."""
MAX_DIRECTORY_BYTES = 4 * 1024 * 1024
"""The zip's central directory, some 50,000 parts, is held in memory."""

# Expat before 2.6 reads an unfinished token from its start again with each piece, so pieces are large.
# https://www.cve.org/CVERecord?id=CVE-2023-52425
_PIECE_BYTES = 1024 * 1024

_ENCRYPTED = 0x1
_SEPARATORS = re.compile(r"[/\\]")  # what is a name's part on one system is a path on another


class Overlong(Exception):
    """A part goes on where the budget ends."""


class Package:
    """One opened zip. Raise Unreadable where it is broken, Refused where it is a bomb."""

    def __init__(self, file: BinaryIO) -> None:
        with _faults_named():
            self._zip = ZipFile(_Bounded(file))
            _check(self._zip.infolist(), file.seek(0, io.SEEK_END))
        self._left = MAX_BYTES
        # Part names are equal whatever their case: ECMA-376-2, section 6.2.2.3.
        self._names = {name.lower(): name for name in self._zip.namelist()}

    @property
    def names(self) -> list[str]:
        """The parts' names as the central directory gives them."""
        return list(self._names.values())

    @property
    def warnings(self) -> tuple[str, ...]:
        """What to tell of parts that were not read to their end."""
        return (f"the document was read for {MAX_BYTES} unpacked bytes alone",) if self._left < 0 else ()

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._names

    def pieces(self, name: str) -> Iterator[bytes]:
        """Yield the part's bytes; raise Overlong where the budget ends before them, Unreadable without the part."""
        if name not in self:
            raise Unreadable("The document lacks one of its parts.")
        info = self._zip.getinfo(self._names[name.lower()])
        # ECMA-376-2, annex B, ODF 1.3 part 2, section 2.2, and EPUB OCF allow these alone; others have no bound here.
        if info.compress_type not in {ZIP_STORED, ZIP_DEFLATED} or info.flag_bits & _ENCRYPTED:
            raise Unreadable("A part is packed in a way that no document may use.")
        read = 0
        with _faults_named(), self._zip.open(info) as part:
            while piece := part.read(_PIECE_BYTES):
                read += len(piece)
                self._left -= len(piece)
                if self._left < 0:
                    _tell_bomb(read, info.compress_size)
                    raise Overlong
                yield piece


def _check(parts: list[ZipInfo], size: int) -> None:
    """Raise Refused where whoever unpacks the whole document is led outside, or fills the disk."""
    if any(".." in _SEPARATORS.split(part.orig_filename) for part in parts):
        raise Refused(Reason.ARCHIVE_UNSAFE, "The name of a part leads outside of the document.")
    unpacked = sum(part.file_size for part in parts)
    if unpacked > max(MAX_BYTES, MAX_RATIO * size):
        raise Refused(Reason.ARCHIVE_BOMB, f"Its parts say that they unpack to {unpacked} bytes.")


def _tell_bomb(read: int, packed: int) -> None:
    if read > MAX_RATIO * packed:
        detail = f"A part unpacks to more than {MAX_RATIO} times its size, past {MAX_BYTES} bytes in all."
        raise Refused(Reason.ARCHIVE_BOMB, detail)


class _Bounded:
    """The file as ZipFile sees it: a read of more than any honest directory's size is refused."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size: int = -1) -> bytes:
        if size > MAX_DIRECTORY_BYTES:
            detail = f"Its directory is longer than {MAX_DIRECTORY_BYTES} bytes."
            raise Refused(Reason.ARCHIVE_BOMB, detail)
        return self._file.read(size)


@contextmanager
def _faults_named() -> Iterator[None]:
    try:
        yield
    except (MemoryError, PermissionError, Refused, Overlong):
        raise
    except Exception as fault:  # zipfile raises nearly anything on broken bytes
        raise Unreadable(f"The zip is broken: {type(fault).__name__}.") from fault
