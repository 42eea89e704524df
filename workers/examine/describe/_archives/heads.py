"""The first bytes of entries, which show the archives among them; it leaves opening those to others."""

import tarfile
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from workers.examine.describe._archives.limits import NESTED_BYTES

HEAD_BYTES = tarfile.BLOCKSIZE
_TAR_MAGIC = slice(257, 262)

_MAGIC = (
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\x1f\x8b\x08", "gz"),
    (b"BZh", "bz2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x28\xb5\x2f\xfd", "zst"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
)
_EXTENSIONS = frozenset(
    ".zip .jar .apk .gz .tgz .bz2 .tbz2 .xz .txz .zst .tzst .7z .rar .tar".split(),  # noqa: SIM905 - reads as a list
)


def format_of(head: bytes) -> str | None:
    """Return the archive format that the first bytes show, if any."""
    if head[_TAR_MAGIC] == b"ustar":
        return "tar"
    return next((format_ for magic, format_ in _MAGIC if head.startswith(magic)), None)


def named_as_archive(name: str) -> bool:
    """Tell whether an entry that cannot be looked into is an archive by its extension."""
    return PurePosixPath(name).suffix.lower() in _EXTENSIONS


def begins_tar(head: bytes) -> bool:
    """Tell whether the bytes begin with the header of a tar, the oldest kind without magic among them."""
    try:
        tarfile.TarInfo.frombuf(head[: tarfile.BLOCKSIZE], "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return False
    return True


@dataclass(slots=True)
class Head:
    """An entry's first `need` bytes as they go by; all of its bytes where it is an archive that is small enough."""

    whole: bool
    """Whether an archive is wanted whole."""
    need: int = HEAD_BYTES
    data: bytearray = field(default_factory=bytearray)
    format: str | None = None
    cut: bool = False

    @property
    def hungry(self) -> bool:
        """Whether more bytes are wanted."""
        return len(self.data) < self.need or (self.whole and self.format is not None and not self.cut)

    def add(self, piece: bytes) -> None:
        """Keep what is wanted of the next bytes."""
        if not self.hungry:
            return
        self.data += piece
        self.format = format_of(bytes(self.data[:HEAD_BYTES]))
        if len(self.data) > NESTED_BYTES:
            self.cut = True
            del self.data[self.need :]
