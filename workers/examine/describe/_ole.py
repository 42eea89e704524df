"""Word, Excel and PowerPoint before 2007, and locked documents of today; it leaves the streams to _compound.py.

Of each format's own streams no more is read than what tells of encryption, programs and sheets.
"""

import struct
from collections.abc import Iterator
from typing import BinaryIO

from shared.metadata import MAX_NAMES, OfficeMetadata
from workers.examine.describe import Described, _properties
from workers.examine.describe._compound import MAX_STREAM_BYTES, Compound
from workers.examine.describe._found import OF_SHEETS, OF_SLIDES, Found

# The stream that makes a file one of the format: MS-DOC 2.1.1, MS-XLS 2.1.2 and its forerunner, MS-PPT 2.1.2.
_FORMATS = {"worddocument": "doc", "workbook": "xls", "book": "xls", "powerpoint document": "ppt"}

# MS-DOC, section 2.5.2
_DOC_FLAGS = struct.Struct("<10xH")
_DOC_ENCRYPTED = 0x0100

# MS-XLS, section 2.3 for records; 2.4.28 for a sheet's: position, state, type, its name's length and width.
_XLS_RECORD = struct.Struct("<HH")
_XLS_END, _XLS_PASSWORD, _XLS_SHEET = 0x000A, 0x002F, 0x0085
_XLS_SHEET_HEAD = struct.Struct("<4x4B")
_XLS_STATE, _XLS_MACROS, _XLS_SHEETS, _XLS_WIDE = 0x03, 1, frozenset({0, 1, 2}), 0x01

# MS-PPT, section 2.3.2 for the token; 2.4.10 and 2.4.11 for the heads that stand before the flag.
_PPT_TOKEN = struct.Struct("<12xI")
_PPT_ENCRYPTED = 0xF3D1C4DF
_PPT_PROGRAMS = bytes.fromhex("1f00ff0314000000 020000040c000000")
_PPT_PROGRAMS_FLAG = struct.Struct("<20xI")


def describe(file: BinaryIO) -> Described:
    """Return what the document tells; one of another program is told as `ole`. Raise Unreadable where it is broken."""
    compound = Compound(file)
    if "encryptedpackage" in compound:  # MS-OFFCRYPTO, section 2.3.4.4
        return _locked("ooxml")
    format_ = next((name for stream, name in _FORMATS.items() if stream in compound), "ole")
    if _encrypted(compound, format_):
        return _locked(format_)
    lacking = OF_SHEETS | OF_SLIDES | {"external_references", "embedded_objects"}
    found = Found(lacking, {"format": format_, "encrypted": False, "macros": _has_macros(compound)})
    if format_ == "doc":
        found.fields["embedded_objects"] = sum(p.count("/") == 1 for p in compound.entries if p[:11] == "objectpool/")
    elif format_ == "xls":
        _read_workbook(compound, found)
    elif format_ == "ppt":
        found.lacking = found.lacking - OF_SLIDES
        found.fields["macros"] = _has_presentation_macros(compound)
    _properties.read(compound, found)
    return found.described()


def _locked(format_: str) -> Described:
    warning = "the document is encrypted, so nothing in it could be read"
    return Described(OfficeMetadata(format=format_, encrypted=True), (warning,))


def _encrypted(compound: Compound, format_: str) -> bool:
    if format_ == "doc":
        return bool(_number(_DOC_FLAGS, compound.head("worddocument", _DOC_FLAGS.size)) & _DOC_ENCRYPTED)
    if format_ == "ppt":
        return _number(_PPT_TOKEN, compound.head("current user", _PPT_TOKEN.size)) == _PPT_ENCRYPTED
    return format_ == "xls" and any(kind == _XLS_PASSWORD for kind, _ in _records(compound))


def _number(form: struct.Struct, content: bytes) -> int:
    return int(form.unpack_from(content)[0]) if len(content) >= form.size else 0


def _has_macros(compound: Compound) -> bool:
    """Tell whether a storage is there that VBA needs: MS-OVBA, section 2.2.1."""
    return any(path == "vba" or path.endswith("/vba") for path in compound.entries)


def _has_presentation_macros(compound: Compound) -> bool | None:
    """Tell whether PowerPoint's stream, which holds its programs, says so; None where it is too long to look."""
    content = compound.head("powerpoint document")
    place = content.find(_PPT_PROGRAMS)
    if place >= 0:
        return bool(_number(_PPT_PROGRAMS_FLAG, content[place:]))
    return None if compound.length("powerpoint document") > MAX_STREAM_BYTES else False


def _records(compound: Compound) -> Iterator[tuple[int, bytes]]:
    """Yield type and content of the records that tell of the whole workbook."""
    content = compound.head("workbook") or compound.head("book")
    position = 0
    while position + _XLS_RECORD.size <= len(content):
        kind, length = _XLS_RECORD.unpack_from(content, position)
        position += _XLS_RECORD.size
        yield kind, content[position : position + length]
        if kind == _XLS_END:
            return
        position += length


def _read_workbook(compound: Compound, found: Found) -> None:
    """Count sheets and objects, whose storages have names of their own: MS-XLS, section 2.1.7.20.3."""
    found.lacking = found.lacking - OF_SHEETS
    found.fields["embedded_objects"] = sum(p.startswith("mbd") and "/" not in p for p in compound.entries)
    heads, names = [], []
    for kind, content in _records(compound):
        if kind == _XLS_SHEET and len(content) >= _XLS_SHEET_HEAD.size:
            _, type_, *_ = head = _XLS_SHEET_HEAD.unpack_from(content)
            found.fields["macros"] |= type_ == _XLS_MACROS
            if type_ in _XLS_SHEETS:
                heads.append(head)
                names.append(_sheet_name(content))
    hidden = sum(bool(state & _XLS_STATE) for state, *_ in heads)
    found.fields |= {"sheets": len(heads), "hidden_sheets": hidden}
    if "workbook" in compound:  # the forerunner's names are in the code page of the place where it was written
        found.fields["sheet_names"] = tuple(names[:MAX_NAMES])


def _sheet_name(content: bytes) -> str:
    *_, length, width = _XLS_SHEET_HEAD.unpack_from(content)
    encoded = content[_XLS_SHEET_HEAD.size :]
    return (
        encoded[: 2 * length].decode("utf-16-le", "replace")
        if width & _XLS_WIDE
        else encoded[:length].decode("latin-1")
    )
