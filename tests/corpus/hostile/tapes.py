"""Tapes (tar) that lead outside, lie about sizes or hold what no archive should."""

import gzip
import io
import struct
import tarfile
from typing import BinaryIO

from tests.corpus.formats.zeros import GIB, MIB
from tests.corpus.items import Content, hostile
from tests.corpus.trap import Trap

BOMB, UNSAFE, UNREADABLE = "archive_bomb", "archive_unsafe", "unreadable"


def tar_of(*entries: tuple[str, bytes, str]) -> bytes:
    """Return a tar archive of entries, each a name, a type and where it links to."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=tarfile.GNU_FORMAT) as made:
        for name, kind, link in entries:
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = kind, link
            made.addfile(entry)
    return target.getvalue()


@hostile("a tar with a name that leads outside", "files.tar", UNSAFE)
def tar_outside() -> bytes:
    return tar_of(("../../owned", tarfile.REGTYPE, ""))


@hostile("a tar with links that lead outside", "files.tar", UNSAFE)
def tar_links(trap: Trap) -> bytes:
    return tar_of(("link", tarfile.SYMTYPE, trap.secret), ("hard", tarfile.LNKTYPE, "../../etc/passwd"))


@hostile("a tar with a device and a pipe", "files.tar", UNSAFE)
def tar_devices() -> bytes:
    return tar_of(("disk", tarfile.BLKTYPE, ""), ("tty", tarfile.CHRTYPE, ""), ("pipe", tarfile.FIFOTYPE, ""))


@hostile("a tar whose entry is 8 EiB long", "files.tar", BOMB)
def long_tar() -> bytes:
    return _tar_header(b"\x80" + bytes(3) + struct.pack(">Q", 2**63 - 1)) + bytes(1024)


@hostile("a tar whose entry is -1 bytes long", "files.tar", UNREADABLE)
def negative_tar() -> bytes:
    return _tar_header(b"\xff" * 12) + bytes(1024)


@hostile("a tar in gzip of 200000 empty entries", "files.tar.gz", BOMB)
def many_in_tar() -> Content:
    def write(file: BinaryIO) -> None:
        with gzip.GzipFile(fileobj=file, mode="wb", mtime=0, compresslevel=1) as packed:
            for number in range(200_000):
                packed.write(_tar_header(b"00000000000\0", name=b"%06d" % number))
            packed.write(bytes(1024))

    return write


@hostile("a tar whose extended header is a gigabyte of zeros, in gzip", "files.tar.gz", BOMB)
def tar_header_bomb() -> Content:
    def write(file: BinaryIO) -> None:
        with gzip.GzipFile(fileobj=file, mode="wb", mtime=0, compresslevel=9) as packed:
            packed.write(_tar_header(b"%011o\0" % GIB, b"x"))
            for _ in range(1024):
                packed.write(bytes(MIB))
            packed.write(_tar_header(b"00000000000\0") + bytes(1024))

    return write


def _tar_header(size: bytes, kind: bytes = b"0", name: bytes = b"entry") -> bytes:
    block = bytearray(512)
    block[: len(name)], block[100:108], block[124:136], block[156:157] = name, b"0000644\0", size, kind
    block[257:265], block[148:156] = b"ustar\00000", b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)
