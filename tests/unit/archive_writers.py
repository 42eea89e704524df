"""Writes archives by hand where no library writes them so: zips that lie, RAR, bare 7z headers; archives.py uses it."""

import io
import struct
import tarfile
import zlib
from dataclasses import dataclass

import py7zr


def raw_deflate(content: bytes) -> bytes:
    """Return a stream without any header."""
    coder = zlib.compressobj(9, wbits=-15)
    return coder.compress(content) + coder.flush()


@dataclass
class Zipped:
    """One entry. What is None is what is true; `local_…` is what its own header says instead of the directory."""

    name: bytes
    content: bytes = b""
    method: int = 8
    packed: bytes | None = None
    size: int | None = None
    crc: int | None = None
    mode: int = 0
    flags: int = 0
    extra: bytes = b""
    local_name: bytes | None = None
    local_method: int | None = None
    local_size: int | None = None
    offset: int | None = None
    packed_size: int | None = None

    @property
    def data(self) -> bytes:
        """What lies in the file."""
        if self.packed is not None:
            return self.packed
        return raw_deflate(self.content) if self.method == 8 else self.content

    def header(self, *, local: bool) -> bytes:
        """Return the 26 bytes that both headers share, from the version on (APPNOTE 4.3.7 and 4.3.12)."""
        method, size, name = self.method, len(self.content) if self.size is None else self.size, self.name
        if local:
            method = method if self.local_method is None else self.local_method
            size = size if self.local_size is None else self.local_size
            name = name if self.local_name is None else self.local_name
        crc = zlib.crc32(self.content) if self.crc is None else self.crc
        packed_size = len(self.data) if self.packed_size is None else self.packed_size
        extra = b"" if local else self.extra
        return struct.pack("<5H3L2H", 20, self.flags, method, 0, 33, crc, packed_size, size, len(name), len(extra))


def zip_of(*entries: Zipped, count: int | None = None, comment: bytes = b"", disk: int = 0) -> bytes:
    """Return a zip of the entries, in which `count` is said to be their number."""
    body, directory = b"", b""
    for entry in entries:
        offset = len(body) if entry.offset is None else entry.offset
        name = entry.name if entry.local_name is None else entry.local_name
        body += b"PK\3\4" + entry.header(local=True) + name + entry.data
        attributes = struct.pack("<3H2L", 0, 0, 0, entry.mode << 16, offset)
        made_by = b"\x14\x03"  # a Unix system
        directory += b"PK\1\2" + made_by + entry.header(local=False) + attributes + entry.name + entry.extra
    number = len(entries) if count is None else count
    end = struct.pack("<4H2LH", disk, disk, number, number, len(directory), len(body), len(comment))
    return body + directory + b"PK\5\6" + end + comment


def huge_directory(entries: int, count: int) -> bytes:
    """Return a zip of so many entries, in zip64, whose end says `count`; all of them claim one place."""
    record = b"PK\1\2\x14\x03" + Zipped(b"a", method=0).header(local=False) + bytes(14) + b"a"
    size = len(record) * entries
    end64 = b"PK\6\6" + struct.pack("<QHHLLQQQQ", 44, 45, 45, 0, 0, entries, entries, size, 31)
    locator = b"PK\6\7" + struct.pack("<LQL", 0, 31 + size, 1)
    end = b"PK\5\6" + struct.pack("<4H2LH", 0, 0, count, count, min(size, 0xFFFFFFFF), 0xFFFFFFFF, 0)
    local = b"PK\3\4" + Zipped(b"a", method=0).header(local=True) + b"a"
    return local + record * entries + end64 + locator + end


def tar_of(*members: tarfile.TarInfo | tuple[str, bytes], mode: str = "w", pax: dict[str, str] | None = None) -> bytes:
    """Return a tar of files by name and content, and of whatever else a header can say."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode=mode, format=tarfile.PAX_FORMAT, pax_headers=pax) as archive:  # type: ignore[call-overload]
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                archive.addfile(member)
            else:
                info = tarfile.TarInfo(member[0])
                info.size = len(member[1])
                archive.addfile(info, io.BytesIO(member[1]))
    return target.getvalue()


def tar_member(name: str, kind: bytes, target: str = "", size: int = 0) -> tarfile.TarInfo:
    """Return a header."""
    member = tarfile.TarInfo(name)
    member.type, member.linkname, member.size = kind, target, size
    return member


def tar_tree(mode: str) -> bytes:
    """Return a tar of a folder with a text, a zip and a symbolic link, and of a hard link beside it."""
    folder = tar_member("folder", tarfile.DIRTYPE)
    link = tar_member("folder/link", tarfile.SYMTYPE, "../folder/b.zip")
    hard = tar_member("hard", tarfile.LNKTYPE, "folder/a.txt")
    inner = zip_of(Zipped(b"x", b"x"))
    return tar_of(folder, ("folder/a.txt", b"word " * 1000), ("folder/b.zip", inner), link, hard, mode=mode)


def seven_of(*files: tuple[str, bytes], password: str | None = None, hide: bool = False) -> bytes:
    """Return a 7z of files by name and content."""
    target = io.BytesIO()
    with py7zr.SevenZipFile(target, "w", password=password, header_encryption=hide) as archive:
        for name, content in files:
            archive.writestr(content, name)
    return target.getvalue()


def seven_with(header: bytes, packed: bytes = b"") -> bytes:
    """Return a 7z with this header."""
    start = struct.pack("<QQL", len(packed), len(header), zlib.crc32(header))
    return b"7z\xbc\xaf\x27\x1c\0\4" + struct.pack("<L", zlib.crc32(start)) + start + packed + header


def seven_named(*names: str) -> bytes:
    """Return a 7z of empty files with any names."""
    written = b"\0" + b"".join(f"{name}\0".encode("utf-16-le") for name in names)
    empty = b"\xff" * -(-len(names) // 8)
    properties = b"\x0e" + bytes((len(empty),)) + empty + b"\x11" + bytes((len(written),)) + written
    return seven_with(b"\x01\x05" + bytes((len(names),)) + properties + b"\0\0")


def rar4(*files: tuple[str, bytes, int], comment: bytes = b"", main_flags: int = 0) -> bytes:
    """Return a RAR 4 of stored files by name, content and Unix mode."""
    blocks = b"Rar!\x1a\x07\x00" + _rar4_block(0x73, main_flags, bytes(6))
    if comment:
        blocks += _rar4_file(0x7A, "CMT", comment, 0)
    return blocks + b"".join(_rar4_file(0x74, *file) for file in files) + _rar4_block(0x7B, 0x4000, b"")


def _rar4_file(kind: int, name: str, content: bytes, mode: int) -> bytes:
    encoded = name.encode()
    sizes = struct.pack(
        "<LLBLLBBHL", len(content), len(content), 3, zlib.crc32(content), 0, 29, 0x30, len(encoded), mode
    )
    return _rar4_block(kind, 0x8000, sizes + encoded) + content


def _rar4_block(kind: int, flags: int, rest: bytes) -> bytes:
    checked = struct.pack("<BHH", kind, flags, 7 + len(rest)) + rest
    return struct.pack("<H", zlib.crc32(checked) & 0xFFFF) + checked


def rar5(*files: bytes, main_flags: int = 0) -> bytes:
    """Return a RAR 5 of files as rar5_file writes them."""
    return b"Rar!\x1a\x07\x01\x00" + _rar5_block(1, 0, vint(main_flags)) + b"".join(files) + _rar5_block(5, 0, vint(0))


def rar5_file(
    name: str,
    content: bytes = b"",
    *,
    size: int | None = None,
    extra: bytes = b"",
    folder: bool = False,
    split: bool = False,
    kind: int = 2,
) -> bytes:
    """Return one stored file, or service block, with whatever size it says; a split one goes on in the next volume."""
    encoded = name.encode()
    size = len(content) if size is None else size
    fields = (vint(int(folder)), vint(size), vint(0o100644), vint(0), vint(1), vint(len(encoded)), encoded)
    sizes = vint(len(extra)) if extra else b""
    flags = 2 | bool(extra) | split << 4
    return _rar5_block(kind, flags, sizes + vint(len(content)) + b"".join(fields) + extra) + content


def rar5_link(name: str, target: str, kind: int = 1) -> bytes:
    """Return a link: 1 is a symbolic one, 4 a hard one."""
    encoded = target.encode()
    record = vint(5) + vint(kind) + vint(0) + vint(len(encoded)) + encoded
    return rar5_file(name, extra=vint(len(record)) + record)


def rar5_locked() -> bytes:
    """Return a RAR 5 whose headers are encrypted."""
    block = _rar5_block(4, 0, vint(0) + vint(0) + b"\x0f" + bytes(16))
    return b"Rar!\x1a\x07\x01\x00" + block + bytes(64)


def _rar5_block(kind: int, flags: int, rest: bytes) -> bytes:
    header = vint(kind) + vint(flags) + rest
    sized = vint(len(header)) + header
    return struct.pack("<L", zlib.crc32(sized)) + sized


def vint(value: int) -> bytes:
    """Return a number as RAR 5 writes it."""
    written = bytearray()
    while value > 0x7F:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*written, value))
