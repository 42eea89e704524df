"""Makes containers of every family by code: zips, boxes, OLE, mail, tables, arrays; the tests say what they expect."""

import io
import json
import struct
import tarfile
import zipfile
from email.message import EmailMessage

import h5py
import numpy as np
import pyarrow as pa
from pyarrow import feather, ipc, parquet

OFFICE = "application/vnd.openxmlformats-officedocument."
_MAIN = {"word/document.xml": "wordprocessingml.document", "xl/workbook.xml": "spreadsheetml.sheet"}
_MACROS = {"word/document.xml": "ms-word.document", "xl/workbook.xml": "ms-excel.sheet"}
_MAIN["ppt/presentation.xml"], _MACROS["ppt/presentation.xml"] = (
    "presentationml.presentation",
    "ms-powerpoint.presentation",
)


def zipped(*names: str, method: int = zipfile.ZIP_DEFLATED, **contents: bytes) -> bytes:
    """Return a zip of those names; contents by name too."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as out:
        for name in names:
            out.writestr(name, contents.get(name, b"content"))
    return target.getvalue()


def office(part: str = "word/document.xml", *, macros: bool = False, first: tuple[str, ...] = ()) -> bytes:
    """Return a package whose main part is `part`, with the content type that Office gives it."""
    main = f"application/vnd.{_MACROS[part]}.macroEnabled" if macros else f"{OFFICE}{_MAIN[part]}"
    types = f'<Types><Override PartName="/{part}" ContentType="{main}.main+xml"/></Types>'
    return zipped(*first, part, "[Content_Types].xml", **{"[Content_Types].xml": types.encode()})


def named(mimetype: str) -> bytes:
    """Return a package of the kind that names its type in its first entry."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as out:
        out.writestr("mimetype", mimetype)
        out.writestr("content.xml", "<x/>")
    return target.getvalue()


def boxes(major: bytes, *compatible: bytes) -> bytes:
    """Return a file type box and an empty box behind it."""
    body = major + bytes(4) + b"".join((major, *compatible))
    return struct.pack(">I", 8 + len(body)) + b"ftyp" + body + struct.pack(">I", 8) + b"free"


def ole(*streams: str, clsid: bytes = bytes(16)) -> bytes:
    """Return an OLE file of 512-byte sectors: its table, its directory of the root and these streams, no data."""
    entries = [_entry("Root Entry", 5, child=1 if streams else -1, clsid=clsid)]
    for number, name in enumerate(streams, 1):
        entries.append(_entry(name, 2, right=number + 1 if number < len(streams) else -1))
    directory = b"".join(entries)
    directory += bytes(-len(directory) % 512)
    sectors = len(directory) // 512
    table = [0xFFFFFFFD, *range(2, 1 + sectors), 0xFFFFFFFE]
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    head += struct.pack("<HHHHH6xLLLLLLLLLL", 62, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0, 0)
    head += b"\xff" * (512 - len(head))
    fat = b"".join(struct.pack("<L", number) for number in table)
    return head + fat + b"\xff" * (512 - len(fat)) + directory


def _entry(name: str, kind: int, *, child: int = -1, right: int = -1, clsid: bytes = bytes(16)) -> bytes:
    encoded = name.encode("utf-16-le") + b"\0\0"
    links = struct.pack("<iii", -1, right, child)
    return (
        encoded.ljust(64, b"\0")
        + struct.pack("<HBB", len(encoded), kind, 1)
        + links
        + clsid
        + bytes(20)
        + struct.pack("<LQ", 0xFFFFFFFE, 0)
    )


def mail() -> bytes:
    """Return a message with a text and an attachment."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@example.org", "b@example.org", "Plans"
    message["Date"], message["Message-ID"] = "Mon, 1 Jan 2024 10:00:00 +0000", "<1@example.org>"
    message.set_content("Hello,\n\nhere they are.\n")
    message.add_attachment(zipped("a.txt"), maintype="application", subtype="zip", filename="a.zip")
    return message.as_bytes()


def table() -> pa.Table:
    """Return two columns and three rows."""
    return pa.table({"a": [1, 2, 3], "b": ["x", "y", "z"]})


def parquet_file() -> bytes:
    target = io.BytesIO()
    parquet.write_table(table(), target)
    return target.getvalue()


def arrow_file() -> bytes:
    target = io.BytesIO()
    feather.write_feather(table(), target)
    return target.getvalue()


def arrow_stream() -> bytes:
    target = io.BytesIO()
    with ipc.new_stream(target, table().schema) as out:
        out.write_table(table())
    return target.getvalue()


def npy() -> bytes:
    target = io.BytesIO()
    np.save(target, np.arange(6).reshape(2, 3))
    return target.getvalue()


def npz() -> bytes:
    target = io.BytesIO()
    np.savez(target, a=np.arange(3), b=np.ones(2))
    return target.getvalue()


def hdf5(userblock: int = 0) -> bytes:
    target = io.BytesIO()
    with h5py.File(target, "w", userblock_size=userblock) as out:
        out["a"] = [1, 2, 3]
    return target.getvalue()


def safetensors() -> bytes:
    header = json.dumps({"weight": {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]}}).encode()
    return struct.pack("<Q", len(header)) + header + bytes(16)


def tar(name: str = "a.txt", format_: int = tarfile.USTAR_FORMAT, content: bytes = b"content") -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=format_) as out:
        member = tarfile.TarInfo(name)
        member.size = len(content)
        out.addfile(member, io.BytesIO(content))
    return target.getvalue()
