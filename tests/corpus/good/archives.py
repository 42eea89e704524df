"""Archives and packed files."""

import bz2
import gzip
import io
import lzma
import tarfile
from typing import Any

import py7zr
from backports import zstd
from py7zr.helpers import ArchiveTimestamp

from tests.corpus.formats import rar, zips
from tests.corpus.items import good

MEMBERS = {"notes/one.txt": b"the first file\n" * 20, "notes/two.txt": b"the second file\n" * 30}
"""780 bytes in two files."""
UNCHECKED = ("packed_bytes", "ratio")
"""Depend on the packers' versions."""


def told(format_: str, **more: Any) -> dict[str, Any]:
    """Return what is told of the members in an archive."""
    shape = {"entries": 2, "files": 2, "folders": 0, "symlinks": 0, "nested": 0, "depth": 2, "names": list(MEMBERS)}
    plain = {"encrypted": False, "multi_volume": False, "comment": False}
    return {
        "kind": "archive",
        "format": format_,
        "unpacked_bytes": 780,
        "unpacked_is": "counted",
        **shape,
        **plain,
        **more,
    }


def told_of_one(format_: str) -> dict[str, Any]:
    """Return what is told of the first member, packed alone and without a name."""
    facts = told(format_, entries=1, files=1, depth=1, unpacked_bytes=300)
    del facts["names"]
    return facts


def tape(mode: str = "w:") -> bytes:
    """Return the members as a tar archive."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode=mode) as archive:
        for name, content in MEMBERS.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return target.getvalue()


@good("a ZIP archive", "files.zip", "application/zip", "application/zip", told("zip"), unchecked=UNCHECKED)
def zip_() -> bytes:
    return zips.files(MEMBERS)


@good("a tar archive", "files.tar", "application/x-tar", "application/x-tar", told("tar"), unchecked=UNCHECKED)
def tar() -> bytes:
    return tape()


@good(
    "a tar archive in gzip", "files.tar.gz", "application/gzip", "application/gzip", told("tar.gz"), unchecked=UNCHECKED
)
def tar_gz() -> bytes:
    return gzip.compress(tape(), mtime=0)


@good(
    "a text in bzip2",
    "notes.txt.bz2",
    "application/x-bzip2",
    "application/x-bzip2",
    told_of_one("bz2"),
    unchecked=UNCHECKED,
)
def bzip2() -> bytes:
    return bz2.compress(MEMBERS["notes/one.txt"])


@good("a text in xz", "notes.txt.xz", "application/x-xz", "application/x-xz", told_of_one("xz"), unchecked=UNCHECKED)
def xz() -> bytes:
    return lzma.compress(MEMBERS["notes/one.txt"])


@good(
    "a text in Zstandard",
    "notes.txt.zst",
    "application/zstd",
    "application/zstd",
    told_of_one("zst"),
    unchecked=UNCHECKED,
)
def zstandard() -> bytes:
    return zstd.compress(MEMBERS["notes/one.txt"])


@good(
    "a 7z archive",
    "files.7z",
    "application/x-7z-compressed",
    "application/x-7z-compressed",
    told("7z", unpacked_is="declared"),
    unchecked=UNCHECKED,
)
def seven() -> bytes:
    target = io.BytesIO()
    with py7zr.SevenZipFile(target, "w") as archive:
        for name, content in MEMBERS.items():
            archive.writestr(content, name)
        for entry in archive.header.files_info.files:
            entry["lastwritetime"] = ArchiveTimestamp(0)  # the same bytes each time
    return target.getvalue()


@good(
    "a RAR archive",
    "files.rar",
    "application/vnd.rar",
    "application/vnd.rar",
    told("rar", unpacked_is="declared"),
    unchecked=UNCHECKED,
)
def rar5() -> bytes:
    return rar.archive(*(rar.stored(name.encode(), content) for name, content in MEMBERS.items()))
