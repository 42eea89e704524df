"""ZIPs that unpack to far more than they are, lead outside, or contradict themselves."""

import struct
from dataclasses import replace
from typing import BinaryIO

from tests.corpus.formats import zeros, zips
from tests.corpus.formats.zeros import GIB, MIB
from tests.corpus.formats.zips import DEFLATED, SYMLINK, Entry, archive
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


@hostile("a ZIP that promises more than it holds", "files.zip", BOMB)
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


@hostile("a ZIP of a million entries", "files.zip", BOMB)
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


@hostile("a ZIP that claims 2^64 - 1 entries", "files.zip", UNREADABLE)
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


@hostile("a ZIP with names of control characters and line turns", "files.zip", COMPLETED)
def controls_in_names() -> bytes:
    names = ("a\x1b[2J\x07.txt", "gpj.\u202eexe", "\u2066a\u2069\r\nb", "e\u0301" * 60, "n" * 60_000)
    return archive(Entry(name.encode(), b"x", flags=0x800) for name in names)


@hostile("a ZIP with a name that is no UTF-8 though it says so", "files.zip", UNREADABLE)
def broken_name() -> bytes:
    return archive([Entry(b"\xff\xfe\xc3\x28.txt", b"x", flags=0x800)])


@hostile("a ZIP with a link that leads outside", "files.zip", UNSAFE)
def linking(trap: Trap) -> bytes:
    return archive([Entry(b"link", trap.secret.encode(), attributes=SYMLINK), Entry(b"link/owned", b"x")])


@hostile("a ZIP whose names occur twice", "files.zip", UNSAFE)
def twice() -> bytes:
    return archive([LETTER, Entry(b"letter.txt", b"Another one\n")])


@hostile("a ZIP whose two headers name different files", "files.zip", UNSAFE)
def two_names() -> bytes:
    true, told = Entry(b"owned.exe", b"MZ"), Entry(b"photo.jpg", b"MZ")
    body, directory = zips.local(true), zips.central(told, 0)
    return body + directory + zips.end(1, len(directory), len(body))


@hostile("a ZIP with a second end in its comment", "files.zip", UNSAFE, "polyglot")
def two_ends() -> bytes:
    return archive([LETTER], comment=archive([Entry(b"other.txt", b"x")]))


@hostile("a ZIP whose entries are encrypted", "files.zip", COMPLETED)
def encrypted() -> bytes:
    return archive([Entry(b"secret.txt", b"x" * 40, flags=1)])


@hostile("a ZIP with a method that nobody knows", "files.zip", COMPLETED)
def unknown_method() -> bytes:
    return archive([Entry(b"odd", b"x" * 40, method=77)])
