"""Archives and packed files."""

import bz2
import gzip
import io
import lzma
import tarfile

import py7zr
from backports import zstd

from tests.corpus.formats import rar, zips
from tests.corpus.items import good

MEMBERS = {"notes/one.txt": b"the first file\n" * 20, "notes/two.txt": b"the second file\n" * 30}
"""780 bytes in two files."""


def tape(mode: str = "w:") -> bytes:
    """Return the members as a tar archive."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode=mode) as archive:
        for name, content in MEMBERS.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return target.getvalue()


@good("a ZIP archive", "files.zip", "application/zip", "application/zip", {"kind": "archive"})
def zip_() -> bytes:
    return zips.files(MEMBERS)


@good("a tar archive", "files.tar", "application/x-tar", "application/x-tar", {"kind": "archive"})
def tar() -> bytes:
    return tape()


@good("a tar archive in gzip", "files.tar.gz", "application/gzip", "application/gzip", {"kind": "archive"})
def tar_gz() -> bytes:
    return gzip.compress(tape(), mtime=0)


@good("a text in bzip2", "notes.txt.bz2", "application/x-bzip2", "application/x-bzip2", {"kind": "archive"})
def bzip2() -> bytes:
    return bz2.compress(MEMBERS["notes/one.txt"])


@good("a text in xz", "notes.txt.xz", "application/x-xz", "application/x-xz", {"kind": "archive"})
def xz() -> bytes:
    return lzma.compress(MEMBERS["notes/one.txt"])


@good("a text in Zstandard", "notes.txt.zst", "application/zstd", "application/zstd", {"kind": "archive"})
def zstandard() -> bytes:
    return zstd.compress(MEMBERS["notes/one.txt"])


@good("a 7z archive", "files.7z", "application/x-7z-compressed", "application/x-7z-compressed", {"kind": "archive"})
def seven() -> bytes:
    target = io.BytesIO()
    with py7zr.SevenZipFile(target, "w") as archive:
        for name, content in MEMBERS.items():
            archive.writestr(content, name)
    return target.getvalue()


@good("a RAR archive", "files.rar", "application/vnd.rar", "application/vnd.rar", {"kind": "archive"})
def rar5() -> bytes:
    return rar.archive(*(rar.stored(name.encode(), content) for name, content in MEMBERS.items()))
