"""Writes office documents by hand, sound and broken; the tests say what they expect."""

import io
import struct
from collections.abc import Mapping, Sequence
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

_DOCUMENT = "application/vnd.openxmlformats-officedocument."
_RELATIONSHIP = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
_MAIN = {"word": "word/document.xml", "excel": "xl/workbook.xml", "powerpoint": "ppt/presentation.xml"}
TYPES = {
    "docx": f"{_DOCUMENT}wordprocessingml.document",
    "docm": "application/vnd.ms-word.document.macroEnabled",
    "dotx": f"{_DOCUMENT}wordprocessingml.template",
    "xlsx": f"{_DOCUMENT}spreadsheetml.sheet",
    "xlsm": "application/vnd.ms-excel.sheet.macroEnabled",
    "pptx": f"{_DOCUMENT}presentationml.presentation",
    "ppsm": "application/vnd.ms-powerpoint.slideshow.macroEnabled",
}


def package(parts: Mapping[str, str | bytes]) -> bytes:
    """Return a zip of these parts; one named mimetype is stored, as ODF and EPUB want it."""
    target = io.BytesIO()
    with ZipFile(target, "w") as out:
        for name, content in parts.items():
            out.writestr(name, content, ZIP_STORED if name == "mimetype" else ZIP_DEFLATED)
    return target.getvalue()


def relationships(*each: tuple[str, str, str]) -> str:
    """Return a relationships part; each has the last word of its type, a target and a mode."""
    lines = (
        f'<Relationship Id="r{n}" Type="{_RELATIONSHIP}{type_}" Target="{target}" TargetMode="{mode}"/>'
        for n, (type_, target, mode) in enumerate(each)
    )
    namespace = "http://schemas.openxmlformats.org/package/2006/relationships"
    return f'<Relationships xmlns="{namespace}">{"".join(lines)}</Relationships>'


def ooxml(format_: str, main: str, parts: Mapping[str, str | bytes] = {}, core: str = "", app: str = "") -> bytes:
    """Return an Office Open XML document with this main part, notes and further parts."""
    program = {"d": "word", "x": "excel", "p": "powerpoint"}[format_[0]]
    part = _MAIN[program]
    suffix = ".main+xml"
    return package(
        {
            "[Content_Types].xml": f'<Types><Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/{part}" ContentType="{TYPES[format_]}{suffix}"/></Types>',
            "_rels/.rels": relationships(
                ("officeDocument", part, "Internal"),
                ("metadata/core-properties", "docProps/core.xml", "Internal"),
                ("extended-properties", "docProps/app.xml", "Internal"),
            ),
            part: main,
            "docProps/core.xml": f'<c:coreProperties xmlns:c="urn:c" xmlns:dc="urn:d">{core}</c:coreProperties>',
            "docProps/app.xml": f"<Properties>{app}</Properties>",
            **parts,
        }
    )


def docx(parts: Mapping[str, str | bytes] = {}, core: str = "", app: str = "", format_: str = "docx") -> bytes:
    """Return a Word document with an empty body."""
    return ooxml(format_, '<w:document xmlns:w="urn:w"><w:body/></w:document>', parts, core, app)


def opendocument(kind: str, content: str, parts: Mapping[str, str | bytes] = {}, meta: str = "") -> bytes:
    """Return an OpenDocument file with this body and notes."""
    return package(
        {
            "mimetype": f"application/vnd.oasis.opendocument.{kind}",
            "content.xml": f'<o:document-content xmlns:o="urn:o" xmlns:t="urn:t" xmlns:d="urn:d" xmlns:x="urn:x"'
            f' xmlns:s="urn:s">{content}</o:document-content>',
            "meta.xml": f'<o:document-meta xmlns:o="urn:o" xmlns:m="urn:m" xmlns:dc="urn:dc" xmlns:x="urn:x"><o:meta>'
            f"{meta}</o:meta></o:document-meta>",
            "META-INF/manifest.xml": '<m:manifest xmlns:m="urn:m"/>',
            **parts,
        }
    )


def epub(metadata: str, manifest: str = "", parts: Mapping[str, str | bytes] = {}) -> bytes:
    """Return a book without chapters."""
    return package(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": '<container xmlns="urn:c"><rootfiles><rootfile full-path="b/book.opf"/>'
            "</rootfiles></container>",
            "b/book.opf": f'<package xmlns="urn:p"><metadata xmlns:dc="urn:dc">{metadata}</metadata>'
            f"<manifest>{manifest}</manifest></package>",
            **parts,
        }
    )


_SECTOR, _END, _FREE, _FAT = 512, 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
_CUTOFF = 4096


def compound(streams: Mapping[str, bytes]) -> bytes:
    """Return a compound file (MS-CFB) of these streams, each padded to 4 KiB at least; a path's storages are made."""
    tree: dict[str, list[str]] = {"": []}
    for path in streams:
        parts = path.split("/")
        for depth in range(len(parts)):
            name, parent = "/".join(parts[: depth + 1]), "/".join(parts[:depth])
            if name not in tree:
                tree[name] = []
                tree[parent].append(name)
    directory = -(-len(tree) * 128 // _SECTOR)
    contents = {path: content.ljust(_CUTOFF, b"\0") for path, content in streams.items()}
    lengths = [directory, *(-(-len(content) // _SECTOR) for content in contents.values())]
    tables = next(n for n in range(1, 110) if n * 128 >= n + sum(lengths))
    starts = [tables]
    for length in lengths:
        starts.append(starts[-1] + length)
    chain = [_FAT] * tables
    for start, length in zip(starts, lengths, strict=False):
        chain += [*range(start + 1, start + length), _END]
    chain += [_FREE] * (tables * 128 - len(chain))
    places = dict(zip(contents, starts[1:], strict=False))
    sizes = {path: len(content) for path, content in contents.items()}
    entries = b"".join(_entry(path, tree, places.get(path, _END), sizes.get(path)) for path in tree)
    head = struct.pack(
        "<8s16x5H6xIIIIIIIII",
        bytes.fromhex("d0cf11e0a1b11ae1"),
        *(0x3E, 3, 0xFFFE, 9, 6),
        *(0, tables, starts[0], 0, _CUTOFF, _END, 0, _END, 0),
    ) + struct.pack("<109I", *range(tables), *[_FREE] * (109 - tables))
    body = struct.pack(f"<{len(chain)}I", *chain) + entries.ljust(directory * _SECTOR, b"\0")
    return head + body + b"".join(content.ljust(-(-len(content) // 512) * 512, b"\0") for content in contents.values())


def _entry(path: str, tree: Mapping[str, Sequence[str]], place: int, size: int | None) -> bytes:
    """Return a directory entry, a stream's where it has a size; siblings hang on each other's right side."""
    order = list(tree)
    name = (path.rpartition("/")[2] or "Root Entry").encode("utf-16-le")
    siblings = tree[path.rpartition("/")[0]] if path else []
    after = siblings[siblings.index(path) + 1 :] if path else []
    return struct.pack(
        "<64sHBBIII36xIQ",
        name,
        len(name) + 2,
        (1 if path else 5) if size is None else 2,
        1,
        _FREE,
        order.index(after[0]) if after else _FREE,
        order.index(tree[path][0]) if tree[path] else _FREE,
        place,
        size or 0,
    )


def properties(values: Mapping[int, int | str | bytes]) -> bytes:
    """Return a property set (MS-OLEPS) of numbers, strings of code page 1252, and FILETIMEs as bytes."""
    bodies = {1: struct.pack("<Ihxx", 2, 1252)}
    for identifier, value in values.items():
        if isinstance(value, int):
            bodies[identifier] = struct.pack("<II", 3, value)
        elif isinstance(value, str):
            encoded = value.encode("cp1252") + b"\0"
            encoded += b"\0" * (-len(encoded) % 4)
            bodies[identifier] = struct.pack("<II", 0x1E, len(encoded)) + encoded
        else:
            bodies[identifier] = struct.pack("<I", 0x40) + value
    places, place = b"", 8 + 8 * len(bodies)
    for identifier, body in bodies.items():
        places += struct.pack("<II", identifier, place)
        place += len(body)
    sets = struct.pack("<II", place, len(bodies)) + places + b"".join(bodies.values())
    return struct.pack("<HHI16xI16xI", 0xFFFE, 0, 0, 1, 48) + sets
