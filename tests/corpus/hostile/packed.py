"""Packed streams, 7z and RAR that unpack to far more than they are, lead outside, or contradict themselves."""

import bz2
import gzip
import io
import lzma
import struct
import zlib

import py7zr
from backports import zstd

from tests.corpus.formats import rar, zeros
from tests.corpus.formats.zeros import GIB, MIB
from tests.corpus.good import archives
from tests.corpus.items import COMPLETED, hostile

BOMB, UNSAFE, UNREADABLE = "archive_bomb", "archive_unsafe", "unreadable"


@hostile("a gzip of one gigabyte of zeros", "zeros.gz", BOMB)
def gzip_bomb() -> bytes:
    return b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + zeros.deflated(GIB) + struct.pack("<II", zeros.checksum(GIB), GIB)


@hostile("a gzip of 100000 empty members", "empty.gz", COMPLETED)
def many_members() -> bytes:
    return gzip.compress(b"", mtime=0) * 100_000


@hostile("a gzip with a name that never ends", "long.gz", UNREADABLE)
def endless_name() -> bytes:
    return b"\x1f\x8b\x08\x08\0\0\0\0\0\xff" + b"n" * (16 * MIB)


@hostile("gzip in gzip, ten deep", "deep.gz", COMPLETED)
def deep_gzip() -> bytes:
    content = archives.tape()
    for _ in range(10):
        content = gzip.compress(content, mtime=0)
    return content


@hostile("an xz of two gigabytes of zeros", "zeros.xz", BOMB)
def xz_bomb() -> bytes:
    return lzma.compress(bytes(64 * MIB), preset=1) * 32


@hostile("an xz that asks for a dictionary of 1.5 GiB", "letter.xz", BOMB)
def xz_dictionary() -> bytes:
    made = bytearray(lzma.compress(b"a letter\n" * 100, check=lzma.CHECK_NONE))
    properties = 12 + 2 + 2  # the stream's header, the block's first two bytes, the filter's name and length
    made[properties] = 37
    end = 12 + (made[12] + 1) * 4
    made[end - 4 : end] = struct.pack("<I", zlib.crc32(made[12 : end - 4]))
    return bytes(made)


@hostile("a bzip2 of one gigabyte of zeros", "zeros.bz2", BOMB)
def bzip2_bomb() -> bytes:
    return bz2.compress(bytes(64 * MIB)) * 16


@hostile("a Zstandard of four gigabytes of zeros", "zeros.zst", BOMB)
def zstandard_bomb() -> bytes:
    packer = zstd.ZstdCompressor(level=1)
    return b"".join(packer.compress(bytes(MIB)) for _ in range(4096)) + packer.flush()


@hostile("a Zstandard that asks for a window of 2 GiB", "letter.zst", BOMB)
def zstandard_window() -> bytes:
    return b"\x28\xb5\x2f\xfd\0" + bytes([31 - 10 << 3]) + b"\x01\0\0"


@hostile("a 7z of one gigabyte of zeros", "zeros.7z", BOMB)
def seven_bomb() -> bytes:
    target = io.BytesIO()
    with py7zr.SevenZipFile(target, "w", filters=[{"id": py7zr.FILTER_LZMA2, "preset": 0}]) as made:
        made.writef(_Zeros(GIB), "zeros")
    return target.getvalue()


class _Zeros(io.BytesIO):
    """A file of zeros that takes no memory."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.left = size

    def seek(self, place: int, whence: int = 0) -> int:
        return self.left if whence == io.SEEK_END else 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        taken = min(self.left, MIB if size < 0 else size)
        self.left -= taken
        return bytes(taken)

    def readinto(self, target: bytearray) -> int:
        taken = self.read(len(target))
        target[: len(taken)] = taken
        return len(taken)


@hostile("a 7z whose header lies beyond the file", "files.7z", UNREADABLE)
def lying_seven() -> bytes:
    start = struct.pack("<QQI", 2**62, 2**62, 0)
    return b"7z\xbc\xaf\x27\x1c\0\4" + struct.pack("<I", zlib.crc32(start)) + start + bytes(100)


@hostile("a 7z whose header promises 2^60 files", "files.7z", BOMB)
def endless_seven() -> bytes:
    header = b"\x01\x05\xff" + struct.pack("<Q", 2**60) + b"\0\0"
    start = struct.pack("<QQI", 0, len(header), zlib.crc32(header))
    return b"7z\xbc\xaf\x27\x1c\0\4" + struct.pack("<I", zlib.crc32(start)) + start + header


@hostile("a 7z with a name that leads outside", "files.7z", UNSAFE)
def seven_outside() -> bytes:
    target = io.BytesIO()
    with py7zr.SevenZipFile(target, "w") as made:
        made.writestr(b"owned", "aa/aa/owned")
        made.header.files_info.files[0]["filename"] = "../../owned"
    return target.getvalue()


@hostile("a RAR with a name that leads outside", "files.rar", UNSAFE)
def rar_outside() -> bytes:
    return rar.archive(rar.stored(b"../../owned", b"owned"))


@hostile("a RAR that promises 2^60 bytes", "files.rar", BOMB)
def lying_rar() -> bytes:
    return rar.archive(rar.stored(b"letter.txt", b"short", size=2**60))


@hostile("a RAR whose entry is longer than the file", "files.rar", UNREADABLE)
def long_rar() -> bytes:
    return rar.archive(rar.stored(b"letter.txt", b"short", claimed=2**40))


@hostile("a RAR of 50000 empty entries", "files.rar", COMPLETED)
def many_in_rar() -> bytes:
    return rar.archive(*(rar.stored(b"%05d" % number, b"") for number in range(50_000)))
