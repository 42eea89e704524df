"""Changes to a file's bytes, each a value of its own, so that a failing list of them can be shortened."""

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass

MAX_BYTES = 256 * 1024
"""No file grows beyond this."""

TOKENS = (
    *(bytes([byte]) * length for byte in (0, 0x7F, 0x80, 0xFF) for length in (1, 2, 4, 8)),
    *(number.to_bytes(size, order) for number in (1, 2**15, 2**31) for size in (4, 8) for order in ("big", "little")),
    *b"moov trak stsz mdat ftyp meta iloc IHDR IDAT iTXt acTL RIFF LIST OggS ID3 fLaC TAG".split(),
    *b"%PDF- /Kids[2_0_R] /Length_-1 endstream endobj /Filter/FlateDecode /Encrypt startxref".split(),
    *b"PK\3\4 PK\1\2 PK\5\6 ustar ../../ C:\\ <!ENTITY <![CDATA[ <?xml &#0; <script> xmlns= ]]>".split(),
    *b"{ } [ ] \" \\ \\ud800 NaN -1 1e999 0x , ; : ' # -- From: Content-Type: boundary= =?utf-8?q?=00?=".split(),
    *b"charset=base64 charset=utf-7 coding:rot13 charset=idna PAR1 ARROW1 \x93NUMPY descr shape |O dtype".split(),
    b"9" * 40,
    b"-" * 40,
    b"\n",
    b"\r\n\r\n",
    b"\t",
    b" " * 40,
    b"(" * 200,
    b"[" * 2000,
    b"\x1b[2J",
    "\u202e\u0301\ufeff".encode(),
    b"\xed\xa0\x80",
    b"\xff\xd8\xff\xe1",
    b"\x1a\x45\xdf\xa3",
    b"\x89HDF\r\n\x1a\n",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
)

KINDS = ("flip", "set", "insert", "overwrite", "delete", "repeat", "cut", "splice", "count")


@dataclass(frozen=True)
class Edit:
    """One change: `place` and `other` are parts of the file in 2^-16, `number` is whatever the kind makes of it."""

    kind: str
    place: int
    other: int
    number: int


def edited(content: bytes, edits: Sequence[Edit], donor: bytes) -> bytes:
    """Return the content with all changes made, one after the other; a splice takes bytes of the donor."""
    for edit in edits:
        content = _edited(content, edit, donor)[:MAX_BYTES]
    return content


def edited_inside(content: bytes, edits: Sequence[Edit], donor: bytes) -> bytes:
    """Return a ZIP with the changes made to one of its members, anything else with the changes made to itself."""
    try:
        members = _members(content)
        chosen = list(members)[edits[0].other % len(members)]
    except Exception:  # noqa: BLE001 - zipfile raises nearly anything on broken bytes; those are edited as they are
        return edited(content, edits, donor)
    members[chosen] = edited(members[chosen], edits, donor)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name, member in members.items():
            archive.writestr(zipfile.ZipInfo(name), member)
    return target.getvalue()


def _members(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        small = [entry for entry in archive.infolist() if entry.file_size <= MAX_BYTES]
        return {entry.filename: archive.read(entry) for entry in small}


def _edited(content: bytes, edit: Edit, donor: bytes) -> bytes:
    place, other = _within(content, edit.place), _within(content, edit.other)
    before, after, token = content[:place], content[place:], TOKENS[edit.number % len(TOKENS)]
    match edit.kind:
        case "flip":
            rest = bytes([after[0] ^ 1 << edit.number % 8]) + after[1:] if after else b""
        case "set":
            rest = bytes([edit.number % 256]) + after[1:]
        case "insert":
            rest = token + after
        case "overwrite":
            rest = token + after[len(token) :]
        case "delete":
            rest = after[1 + edit.number % 64 :]
        case "repeat":
            rest = after[: 1 + edit.other % 512] * (2 + edit.number % 30) + after
        case "cut":
            rest = b""
        case "splice":
            rest = donor[_within(donor, edit.other) :]
        case _:
            return _counted(content, other, edit.number)
    return before + rest


def _counted(content: bytes, place: int, number: int) -> bytes:
    """Return the content with the integer at a place a bit more or less than it was."""
    size, order, change = (1, 2, 4, 8)[number % 4], ("big", "little")[number // 4 % 2], number // 8 % 65 - 32
    value = int.from_bytes(content[place : place + size], order) + change
    return content[:place] + (value % 256**size).to_bytes(size, order) + content[place + size :]


def _within(content: bytes, part: int) -> int:
    return part * len(content) >> 16
