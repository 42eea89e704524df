"""Archives that do harm, or are broken, made by code: name → what makes it and the reason that the cage gives."""

import bz2
import functools
import gzip
import io
import lzma
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Mapping
from types import MappingProxyType

from shared.ingest import Reason
from tests.unit.archive_writers import (
    Zipped,
    huge_directory,
    rar4,
    rar5,
    rar5_file,
    rar5_link,
    raw_deflate,
    seven_named,
    seven_of,
    seven_with,
    tar_member,
    tar_of,
    zip_of,
)
from workers.examine.describe._archives.decoders import zstd

MIB = 1 << 20
LARGE = 65 * MIB
LINK = stat.S_IFLNK | 0o777


@functools.cache
def gzip_bomb(mebibytes: int) -> bytes:
    """Return about a KiB for each MiB of zeros."""
    coder = zlib.compressobj(9, wbits=-15)
    block = coder.compress(bytes(MIB)) + coder.flush(zlib.Z_FULL_FLUSH)
    return b"\x1f\x8b\x08" + bytes(7) + block * mebibytes + b"\3\0" + bytes(8)


def empty_gzip_streams(number: int) -> bytes:
    return gzip.compress(b"", mtime=0) * number


def zip_bomb(mebibytes: int = 65) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", bytes(mebibytes * MIB))
    return target.getvalue()


def zip_tree(levels: int, width: int = 16) -> bytes:
    """Return zips in zips, as 42.zip is built; at the bottom lies a MiB of zeros."""
    content = bytes(MIB)
    for level in range(levels):
        content = zip_of(*(Zipped(b"%d-%d.zip" % (level, n), content) for n in range(width)))
    return content


def zip_of_a_zip(content: bytes) -> bytes:
    return zip_of(Zipped(b"inner.zip", content))


def quoted_overlap() -> bytes:
    """Return a zip whose first entry holds the second's header and bytes, as https://www.bamsoftware.com/hacks/zipbomb/."""
    kernel = bytes(1000)
    inner = zip_of(Zipped(b"b", kernel))
    quoted = inner[: inner.index(b"PK\1\2")]
    whole = zip_of(
        Zipped(b"a", quoted, method=0),
        Zipped(b"b", kernel, packed=b"", offset=31, packed_size=len(raw_deflate(kernel))),
    )
    unused = (
        b"PK\3\4" + Zipped(b"b", kernel, packed=b"", packed_size=len(raw_deflate(kernel))).header(local=True) + b"b"
    )
    at = whole.index(b"PK\1\2") - len(unused)
    end = struct.pack("<L", at)
    return (whole[:at] + whole[at + len(unused) :])[:-6] + end + b"\0\0"


def unicode_path() -> bytes:
    other = b"\1" + struct.pack("<L", zlib.crc32(b"a")) + b"../../a"
    return zip_of(Zipped(b"a", b"x", extra=struct.pack("<HH", 0x7075, len(other)) + other))


def zip_with_huge_dictionary() -> bytes:
    packed = b"\x09\x14" + struct.pack("<HBL", 5, 0x5D, 1 << 31) + bytes(20)
    return zip_of(Zipped(b"a", b"x", method=14, packed=packed))


def xz_with_huge_dictionary() -> bytes:
    """Return an xz whose first block asks for 4 GiB - 1 (https://tukaani.org/xz/xz-file-format.txt, 5.3.1)."""
    content = bytearray(lzma.compress(b"x"))
    size = (content[12] + 1) * 4
    content[16] = 40
    content[12 + size - 4 : 12 + size] = struct.pack("<L", zlib.crc32(content[12 : 12 + size - 4]))
    return bytes(content)


def zst_with_huge_window() -> bytes:
    """Return a frame with a window of 2 GiB and one raw byte (RFC 8878, 3.1.1)."""
    return b"\x28\xb5\x2f\xfd\x00" + bytes((21 << 3,)) + b"\x09\0\0x"


def sparse_tar() -> bytes:
    """Return a tar that claims a TiB with a single byte of data."""
    return tar_of(("disk", b"x"), pax={"GNU.sparse.map": "0,1", "GNU.sparse.size": str(1 << 40)})


def long_name_tar() -> bytes:
    name = tar_member("././@LongLink", tarfile.GNUTYPE_LONGNAME, size=8 * MIB)
    return name.tobuf(tarfile.GNU_FORMAT) + b"n" * 8 * MIB + tar_of(("a", b"x"))


def negative_tar() -> bytes:
    """Return a tar whose extended header sends the reader back (CVE-2025-8194)."""
    return _pax({"size": "-1536"})


def _pax(record: dict[str, str]) -> bytes:
    member = tarfile.TarInfo("a")
    member.pax_headers = record
    return member.tobuf(tarfile.PAX_FORMAT) + bytes(1024)


def many_folders_tar(number: int) -> bytes:
    """Return a tar with one folder, again and again."""
    return tar_member("a", tarfile.DIRTYPE).tobuf() * number + bytes(1024)


def broken_header_tar() -> bytes:
    content = bytearray(tar_of(("a", b"x"), ("b", b"y")))
    content[1024 + 148] ^= 1
    return bytes(content)


def seven_encoded(claim: int, dictionary: int = 24) -> bytes:
    """Return a 7z whose encoded header claims a size, and a dictionary as LZMA2 writes it: 40 stands for 4 GiB."""
    coder = b"\x01\x21\x21\x01" + bytes((dictionary,))
    size = b"\xf0" + struct.pack("<L", claim)
    return seven_with(b"\x17\x06\0\x01\x09\x08\0\x07\x0b\x01\0" + coder + b"\x0c" + size + b"\0\0", bytes(8))


def seven_many_files() -> bytes:
    number = b"\xe0" + (10**6).to_bytes(3, "little")
    return seven_with(b"\x01\x05" + number + b"\x19" + number + bytes(10**6) + b"\0\0")


def corrupted(content: bytes, place: int) -> bytes:
    return content[:place] + bytes((content[place] ^ 0xFF,)) + content[place + 1 :]


_BOMBS: dict[str, Callable[[], bytes]] = {
    "zeros.gz": lambda: gzip_bomb(10 * 1024),
    "zeros.bz2": lambda: bz2.compress(bytes(MIB)) * 100,
    "zeros.xz": lambda: lzma.compress(bytes(MIB), preset=0) * 100,
    "zeros.zst": lambda: zstd.compress(bytes(LARGE)),
    "zeros.tar.gz": lambda: gzip.compress(tar_of(("zeros", bytes(LARGE)))),
    "zeros.zip": zip_bomb,
    "zeros-bzip2.zip": lambda: zip_of(Zipped(b"a", bytes(LARGE), 12, bz2.compress(bytes(LARGE)))),
    "zeros.7z": lambda: seven_of(("zeros", bytes(LARGE))),
    "zeros-rar5.rar": lambda: rar5(rar5_file("zeros", b"x", size=1 << 40)),
    "zeros-in-a-volume-rar5.rar": lambda: rar5(rar5_file("zeros", b"x", size=1 << 40), main_flags=1),
    "zeros-in-a-zip.zip": lambda: zip_of_a_zip(zip_bomb()),
    "zeros-gz-in-a-tar.tar": lambda: tar_of(("inner.gz", gzip_bomb(1024))),
    "zips-in-zips-in-zips.zip": lambda: zip_tree(3),
    "sparse.tar": sparse_tar,
    "long-name.tar": long_name_tar,
    "long-extended-header.tar": lambda: _pax({"comment": "c" * 8 * MIB}),
    "million-entries.zip": lambda: huge_directory(10**6, 0xFFFF),
    "million-entries-that-say-one.zip": lambda: huge_directory(10**6, 1),
    "hundred-thousand-and-one-entries.tar": lambda: many_folders_tar(100_001),
    "million-entries.7z": seven_many_files,
    "encoded-header-of-a-gib.7z": lambda: seven_encoded(1 << 30),
    "huge-dictionary.xz": xz_with_huge_dictionary,
    "huge-dictionary.zip": zip_with_huge_dictionary,
    "huge-window.zst": zst_with_huge_window,
}

_UNSAFE: dict[str, Callable[[], bytes]] = {
    "parent.zip": lambda: zip_of(Zipped(b"../../a", b"x")),
    "parent-within.zip": lambda: zip_of(Zipped(b"a/../../b", b"x")),
    "absolute.zip": lambda: zip_of(Zipped(b"/etc/a", b"x")),
    "backslashes.zip": lambda: zip_of(Zipped(b"..\\..\\a", b"x")),
    "drive.zip": lambda: zip_of(Zipped(b"C:\\a", b"x")),
    "share.zip": lambda: zip_of(Zipped(b"\\\\host\\share", b"x")),
    "nul.zip": lambda: zip_of(Zipped(b"a.txt\0.exe", b"x")),
    "no-name.zip": lambda: zip_of(Zipped(b"", b"x")),
    "second-name.zip": unicode_path,
    "twice.zip": lambda: zip_of(Zipped(b"a", b"x"), Zipped(b"a", b"y")),
    "twice-by-another-path.zip": lambda: zip_of(Zipped(b"a", b"x"), Zipped(b"./a", b"y")),
    "file-and-folder.zip": lambda: zip_of(Zipped(b"a", b"x"), Zipped(b"a/")),
    "same-place.zip": lambda: zip_of(Zipped(b"a", b"x"), Zipped(b"b", b"x", offset=0)),
    "quoted-overlap.zip": quoted_overlap,
    "into-the-directory.zip": lambda: zip_of(Zipped(b"a", b"x", packed_size=40)),
    "other-count.zip": lambda: zip_of(Zipped(b"a", b"x"), Zipped(b"b", b"x"), count=1),
    "other-name.zip": lambda: zip_of(Zipped(b"a", b"x", local_name=b"b")),
    "other-method.zip": lambda: zip_of(Zipped(b"a", b"x", local_method=0)),
    "other-size.zip": lambda: zip_of(Zipped(b"a", b"x", local_size=2)),
    "says-less.zip": lambda: zip_of(Zipped(b"a", bytes(LARGE), size=10)),
    "says-more.zip": lambda: zip_of(Zipped(b"a", b"x", size=1000)),
    "link-outside.zip": lambda: zip_of(Zipped(b"a", b"../../etc", mode=LINK)),
    "link-absolute.zip": lambda: zip_of(Zipped(b"a", b"/etc", mode=LINK)),
    "link-of-a-mib.zip": lambda: zip_of(Zipped(b"a", b"x" * MIB, mode=LINK, method=0)),
    "behind-a-link.zip": lambda: zip_of(Zipped(b"a", b".", mode=LINK), Zipped(b"a/b", b"x")),
    "device.zip": lambda: zip_of(Zipped(b"a", mode=stat.S_IFBLK)),
    "parent.tar": lambda: tar_of(("../a", b"x")),
    "absolute.tar": lambda: tar_of(("/etc/a", b"x")),
    "twice.tar": lambda: tar_of(("a", b"x"), ("a", b"y")),
    "link-outside.tar": lambda: tar_of(tar_member("d/a", tarfile.SYMTYPE, "../../b")),
    "link-by-a-detour.tar": lambda: tar_of(tar_member("d/a", tarfile.SYMTYPE, "b/../../c")),
    "link-absolute.tar": lambda: tar_of(tar_member("a", tarfile.SYMTYPE, "/etc/passwd")),
    "hard-link-outside.tar": lambda: tar_of(tar_member("a", tarfile.LNKTYPE, "../b")),
    "behind-a-link.tar": lambda: tar_of(tar_member("a", tarfile.SYMTYPE, "."), ("a/b", b"x")),
    "device.tar": lambda: tar_of(tar_member("a", tarfile.CHRTYPE)),
    "pipe.tar": lambda: tar_of(tar_member("a", tarfile.FIFOTYPE)),
    "parent.tar.gz": lambda: gzip.compress(tar_of(("../a", b"x"))),
    "parent.tar.bz2": lambda: bz2.compress(tar_of(("../a", b"x"))),
    "parent.tar.xz": lambda: lzma.compress(tar_of(("../a", b"x"))),
    "parent.tar.zst": lambda: zstd.compress(tar_of(("../a", b"x"))),
    "parent.gz": lambda: b"\x1f\x8b\x08\x08" + bytes(6) + b"../a\0" + gzip.compress(b"x")[10:],
    "parent.7z": lambda: seven_named("a", "../a"),
    "twice.7z": lambda: seven_named("a", "a"),
    "parent-rar4.rar": lambda: rar4(("..\\a", b"x", 0o100644)),
    "link-outside-rar4.rar": lambda: rar4(("a", b"../b", LINK)),
    "parent-rar5.rar": lambda: rar5(rar5_file("../a", b"x")),
    "link-outside-rar5.rar": lambda: rar5(rar5_link("a", "../b")),
    "hard-link-outside-rar5.rar": lambda: rar5(rar5_link("a", "/b", kind=4)),
    "twice-rar5.rar": lambda: rar5(rar5_file("a", b"x"), rar5_file("a", b"y")),
}

_BROKEN: dict[str, Callable[[], bytes]] = {
    "checksum.zip": lambda: zip_of(Zipped(b"a", b"x", crc=1)),
    "no-directory.zip": lambda: zip_of(Zipped(b"a", b"x" * 1000, 0))[:500],
    "last-volume.zip": lambda: zip_of(Zipped(b"a", b"x"), disk=3),
    "no-stream.zip": lambda: zip_of(Zipped(b"a", b"x", packed=b"\xff\xff\xff")),
    "cut-stream.zip": lambda: zip_of(Zipped(b"a", bytes(1000), packed=raw_deflate(bytes(1000))[:5])),
    "cut.tar": lambda: tar_of(("a", bytes(5000)))[:2000],
    "broken-header.tar": broken_header_tar,
    "backwards.tar": negative_tar,
    "cut.gz": lambda: gzip.compress(b"words")[:-4],
    "checksum.gz": lambda: corrupted(gzip.compress(b"words"), -5),
    "cut.bz2": lambda: bz2.compress(b"words")[:-4],
    "checksum.xz": lambda: corrupted(lzma.compress(b"words" * 100), -30),
    "cut.zst": lambda: zstd.compress(b"words" * 100)[:-4],
    "cut.7z": lambda: seven_of(("a", b"x"))[:-4],
    "checksum.7z": lambda: corrupted(seven_of(("a", b"x")), 20),
    "cut-rar4.rar": lambda: rar4(("a", bytes(100), 0o100644))[:80],
    "checksum-rar4.rar": lambda: corrupted(rar4(("a", b"x", 0o100644)), 30),
    "unknown-block-rar5.rar": lambda: rar5(rar5_file("a", b"x"), rar5_file("b", b"x", kind=9), rar5_file("c", b"x")),
    "cut-rar5.rar": lambda: rar5(rar5_file("a", b"x"))[:-4],
}

HOSTILE: Mapping[str, tuple[Callable[[], bytes], Reason]] = MappingProxyType(
    {name: (make, Reason.ARCHIVE_BOMB) for name, make in _BOMBS.items()}
    | {name: (make, Reason.ARCHIVE_UNSAFE) for name, make in _UNSAFE.items()}
    | {name: (make, Reason.UNREADABLE) for name, make in _BROKEN.items()}
    | {"huge-dictionary.7z": (lambda: seven_encoded(1000, dictionary=40), Reason.PARSER_MEMORY)}
)
