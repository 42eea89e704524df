"""Archives that unpack to far more than they are, lead outside, or contradict themselves."""

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zlib
from dataclasses import replace
from typing import BinaryIO

import py7zr
from backports import zstd

from tests.corpus.formats import rar, zeros, zips
from tests.corpus.formats.zeros import GIB, MIB
from tests.corpus.formats.zips import DEFLATED, SYMLINK, Entry, archive
from tests.corpus.good import archives
from tests.corpus.items import COMPLETED, Content, hostile
from tests.corpus.trap import Trap

BOMB, UNSAFE, UNREADABLE = "archive_bomb", "archive_unsafe", "unreadable"
LETTER = Entry(b"letter.txt", b"Dear reader\n")


def bomb(name: bytes, size: int, told: int | None = None) -> Entry:
    """Return an entry of as many zeros, which claims another size where one is told."""
    claimed = size if told is None else told
    return Entry(name, method=DEFLATED, packed=zeros.deflated(size), size=claimed, crc=zeros.checksum(size))


@hostile("a ZIP of one gigabyte of zeros", "files.zip", BOMB)
def flat_bomb() -> bytes:
    return archive([bomb(b"zeros", GIB)])


@hostile("a ZIP of zeros that lies about their size", "files.zip", BOMB, UNSAFE)
def lying_bomb() -> bytes:
    return archive([bomb(b"zeros", GIB, told=10)])


@hostile("a ZIP that promises more than it holds", "files.zip", UNSAFE, UNREADABLE, BOMB)
def boasting() -> bytes:
    return archive([Entry(b"small", b"ten bytes.", DEFLATED, size=2**32 - 2)])


@hostile("a ZIP of ZIPs, five deep and sixteen wide", "files.zip", BOMB)
def nested_bomb() -> bytes:
    inner = archive([bomb(b"zeros", 64 * MIB)])
    for depth in range(5):
        inner = archive(Entry(b"%d-%d.zip" % (depth, n), inner, DEFLATED) for n in range(16))
    return inner


@hostile("a ZIP whose entries share one body", "files.zip", UNSAFE, BOMB)
def overlapping() -> bytes:
    body = bomb(b"0", 16 * MIB)
    entries = [replace(body, name=b"%d" % number) for number in range(1000)]
    directory = b"".join(zips.central(entry, 0) for entry in entries)
    content = zips.local(body)
    return content + directory + zips.end(len(entries), len(directory), len(content))


@hostile("a ZIP whose entries quote each other's headers", "files.zip", UNSAFE, BOMB)
def quoting() -> bytes:
    """Each entry begins with stored blocks that quote the headers of those after it: Fifield's construction."""
    entries = [bomb(b"99", 64 * MIB)]
    size, packed, checksum = 64 * MIB, entries[0].data, entries[0].crc
    for number in range(98, -1, -1):
        quoted = zips.local(entries[0])[: 30 + len(entries[0].name)]
        packed = struct.pack("<BHH", 0, len(quoted), len(quoted) ^ 0xFFFF) + quoted + packed
        size += len(quoted)
        # No checksum is right: nobody should get as far as to compare it.
        entries.insert(0, Entry(b"%02d" % number, method=DEFLATED, packed=packed, size=size, crc=checksum))
    body = zips.local(entries[0])
    offsets = [30 + 2 + 5 + (number - 1) * (5 + 32) if number else 0 for number in range(100)]
    directory = b"".join(zips.central(entry, place) for entry, place in zip(entries, offsets, strict=True))
    return body + directory + zips.end(100, len(directory), len(body))


@hostile("a ZIP of a million entries", "files.zip", BOMB, UNSAFE)
def million_entries() -> Content:
    count, entry = 1_000_000, Entry(b"1234567")
    before, after = zips.local(entry)[:-7], zips.central(entry, 0)[:-11]

    def write(file: BinaryIO) -> None:
        file.write(b"".join(before + b"%07d" % number for number in range(count)))
        start = file.tell()
        file.write(b"".join(after + struct.pack("<I", number * 37) + b"%07d" % number for number in range(count)))
        size = file.tell() - start
        end64 = b"PK\6\6" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, count, count, size, start)
        locator = b"PK\6\7" + struct.pack("<IQI", 0, start + size, 1)
        file.write(end64 + locator + zips.end(count, size, start))

    return write


@hostile("a ZIP that claims 2^64 - 1 entries", "files.zip", UNREADABLE, BOMB, UNSAFE)
def endless_entries() -> bytes:
    most = 2**64 - 1
    end64 = b"PK\6\6" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, most, most, most, most)
    return (
        zips.local(LETTER) + end64 + b"PK\6\7" + struct.pack("<IQI", 0, 42, 1) + zips.end(0xFFFF, 2**32 - 1, 2**32 - 1)
    )


_UNSAFE_NAMES = {
    "leads outside": b"../../etc/cron.d/owned",
    "is absolute": b"/etc/passwd",
    "leads outside on Windows": b"..\\..\\windows\\system32\\owned.dll",
    "has a drive": b"C:\\windows\\owned.dll",
    "holds a NUL": b"letter.txt\0.exe",
    "is hidden by dots and turns": b"safe/./../../../owned",
}


def _unsafe(name: bytes):
    return lambda: archive([LETTER, Entry(name, b"owned\n")])


for _what, _name in _UNSAFE_NAMES.items():
    hostile(f"a ZIP with a name that {_what}", "files.zip", UNSAFE)(_unsafe(_name))


@hostile("a ZIP with names of control characters and line turns", "files.zip", COMPLETED, UNSAFE)
def controls_in_names() -> bytes:
    names = ("a\x1b[2J\x07.txt", "gpj.\u202eexe", "\u2066a\u2069\r\nb", "e\u0301" * 60, "n" * 60_000)
    return archive(Entry(name.encode(), b"x", flags=0x800) for name in names)


@hostile("a ZIP with a name that is no UTF-8 though it says so", "files.zip", COMPLETED, UNSAFE, UNREADABLE)
def broken_name() -> bytes:
    return archive([Entry(b"\xff\xfe\xc3\x28.txt", b"x", flags=0x800)])


@hostile("a ZIP with a link that leads outside", "files.zip", UNSAFE)
def linking(trap: Trap) -> bytes:
    return archive([Entry(b"link", trap.secret.encode(), attributes=SYMLINK), Entry(b"link/owned", b"x")])


@hostile("a ZIP whose names occur twice", "files.zip", COMPLETED, UNSAFE)
def twice() -> bytes:
    return archive([LETTER, Entry(b"letter.txt", b"Another one\n")])


@hostile("a ZIP whose two headers name different files", "files.zip", UNSAFE)
def two_names() -> bytes:
    true, told = Entry(b"owned.exe", b"MZ"), Entry(b"photo.jpg", b"MZ")
    body, directory = zips.local(true), zips.central(told, 0)
    return body + directory + zips.end(1, len(directory), len(body))


@hostile("a ZIP with a second end in its comment", "files.zip", UNSAFE, COMPLETED, UNREADABLE, "polyglot")
def two_ends() -> bytes:
    return archive([LETTER], comment=archive([Entry(b"other.txt", b"x")]))


@hostile("a ZIP whose entries are encrypted", "files.zip", COMPLETED)
def encrypted() -> bytes:
    return archive([Entry(b"secret.txt", b"x" * 40, flags=1)])


@hostile("a ZIP with a method that nobody knows", "files.zip", COMPLETED, UNREADABLE)
def unknown_method() -> bytes:
    return archive([Entry(b"odd", b"x" * 40, method=77)])


@hostile("a gzip of one gigabyte of zeros", "zeros.gz", BOMB)
def gzip_bomb() -> bytes:
    return b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + zeros.deflated(GIB) + struct.pack("<II", zeros.checksum(GIB), GIB)


@hostile("a gzip of 100000 empty members", "empty.gz", COMPLETED, BOMB)
def many_members() -> bytes:
    return gzip.compress(b"", mtime=0) * 100_000


@hostile("a gzip with a name that never ends", "long.gz", UNREADABLE)
def endless_name() -> bytes:
    return b"\x1f\x8b\x08\x08\0\0\0\0\0\xff" + b"n" * (16 * MIB)


@hostile("gzip in gzip, ten deep", "deep.gz", COMPLETED, BOMB)
def deep_gzip() -> bytes:
    content = archives.tape()
    for _ in range(10):
        content = gzip.compress(content, mtime=0)
    return content


@hostile("an xz of two gigabytes of zeros", "zeros.xz", BOMB)
def xz_bomb() -> bytes:
    return lzma.compress(bytes(64 * MIB), preset=1) * 32


@hostile("an xz that asks for a dictionary of 1.5 GiB", "letter.xz", UNREADABLE, "parser_memory", BOMB, COMPLETED)
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


@hostile("a Zstandard that asks for a window of 2 GiB", "letter.zst", UNREADABLE, BOMB, "parser_memory")
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


@hostile("a 7z whose header promises 2^60 files", "files.7z", UNREADABLE, BOMB, "parser_memory")
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


@hostile("a RAR that promises 2^60 bytes", "files.rar", BOMB, UNREADABLE, UNSAFE)
def lying_rar() -> bytes:
    return rar.archive(rar.stored(b"letter.txt", b"short", size=2**60))


@hostile("a RAR whose entry is longer than the file", "files.rar", UNREADABLE, COMPLETED)
def long_rar() -> bytes:
    return rar.archive(rar.stored(b"letter.txt", b"short", claimed=2**40))


@hostile("a RAR of 50000 empty entries", "files.rar", BOMB, COMPLETED)
def many_in_rar() -> bytes:
    return rar.archive(*(rar.stored(b"%05d" % number, b"") for number in range(50_000)))


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


@hostile("a tar whose entry is 8 EiB long", "files.tar", UNREADABLE, BOMB, UNSAFE)
def long_tar() -> bytes:
    return _tar_header(b"\x80" + bytes(3) + struct.pack(">Q", 2**63 - 1)) + bytes(1024)


@hostile("a tar whose entry is -1 bytes long", "files.tar", UNREADABLE, UNSAFE)
def negative_tar() -> bytes:
    return _tar_header(b"\xff" * 12) + bytes(1024)


@hostile("a tar in gzip of 200000 empty entries", "files.tar.gz", BOMB, COMPLETED)
def many_in_tar() -> Content:
    def write(file: BinaryIO) -> None:
        with gzip.GzipFile(fileobj=file, mode="wb", mtime=0, compresslevel=1) as packed:
            header = _tar_header(b"00000000000\0")
            for _ in range(200):
                packed.write(header * 1000)
            packed.write(bytes(1024))

    return write


@hostile(
    "a tar whose extended header is a gigabyte of zeros, in gzip", "files.tar.gz", BOMB, UNREADABLE, "parser_memory"
)
def tar_header_bomb() -> Content:
    def write(file: BinaryIO) -> None:
        with gzip.GzipFile(fileobj=file, mode="wb", mtime=0, compresslevel=9) as packed:
            packed.write(_tar_header(b"%011o\0" % GIB, b"x"))
            for _ in range(1024):
                packed.write(bytes(MIB))
            packed.write(_tar_header(b"00000000000\0") + bytes(1024))

    return write


def _tar_header(size: bytes, kind: bytes = b"0") -> bytes:
    block = bytearray(512)
    block[:5], block[100:108], block[124:136], block[156:157] = b"entry", b"0000644\0", size, kind
    block[257:265], block[148:156] = b"ustar\00000", b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)
