"""What may harm whoever opens a file, found in its bytes; and the honest files that look a little like it."""

import importlib.util
import io
import struct
import zlib

import pytest

from shared.findings import Danger
from tests.unit import containers, samples
from tests.unit.pdfs import pages
from workers.examine import dangers
from workers.examine.content import Content
from workers.examine.dangers import _drawing, active_content
from workers.examine.identify import identify

SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">{}</svg>'
PNG, JPEG, GIF = samples.image("PNG"), samples.image("JPEG"), samples.image("GIF", frames=3)
ZIP, PDF = containers.zipped("a.txt"), pages(1, "A")


def found(content: bytes) -> list[Danger]:
    file = io.BytesIO(content)
    media_type = identify(file)
    return [finding.danger for finding in dangers.find(Content.of(file), media_type)]


def details(content: bytes) -> str:
    file = io.BytesIO(content)
    return " ".join(finding.detail for finding in dangers.find(Content.of(file), identify(file)))


def commented(comment: bytes) -> bytes:
    """Return a JPEG with a comment behind its first segment."""
    first = 4 + int.from_bytes(JPEG[4:6], "big") - 2 + 2
    return JPEG[:first] + b"\xff\xfe" + struct.pack(">H", 2 + len(comment)) + comment + JPEG[first:]


def with_chunk(name: bytes, data: bytes) -> bytes:
    """Return a PNG with a chunk behind its header."""
    chunk = struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    return PNG[:33] + chunk + PNG[33:]


def with_gif_comment(comment: bytes) -> bytes:
    return GIF[:-1] + b"\x21\xfe" + bytes([len(comment)]) + comment + b"\0;"


@pytest.mark.parametrize(
    "content",
    [
        samples.elf(),
        b"MZ\x90\0" + bytes(60) + b"PE\0\0" + bytes(100),
        b"\xcf\xfa\xed\xfe\x07\0\0\1" + bytes(100),
        b"\xca\xfe\xba\xbe\0\0\0\x02" + bytes(100),
        b"\xca\xfe\xba\xbe\0\0\0\x41" + bytes(100),
        b"\0asm\x01\0\0\0",
        b"dex\n035\0" + bytes(100),
        b"L\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0F" + bytes(60),
        importlib.util.MAGIC_NUMBER + bytes(40),
        containers.ole("a", clsid=bytes.fromhex("84100c0000000000c000000000000046")),
    ],
    ids=["ELF", "PE", "Mach-O", "fat Mach-O", "class", "wasm", "dex", "lnk", "pyc", "msi"],
)
def test_a_program_is_executable(content):
    assert found(content) == [Danger.EXECUTABLE]


def test_a_self_extracting_archive_is_a_program_and_a_polyglot():
    assert found(b"MZ\x90\0" + bytes(200) + ZIP) == [Danger.EXECUTABLE, Danger.POLYGLOT]


@pytest.mark.parametrize("content", [b"MZ is a zone of old\n", containers.zipped("AndroidManifest.xml", "classes.dex")])
def test_a_text_that_begins_like_a_program_and_an_app_are_none(content):
    assert found(content) == []


@pytest.mark.parametrize("line", [b"#!/bin/sh\n", b"#! /usr/bin/env python3\nprint(1)\n", b"#!/bin/sh"])
def test_a_shebang_makes_a_script(line):
    assert found(line) == [Danger.SCRIPT]


def test_a_zip_behind_a_shebang_is_a_script_and_a_polyglot():
    assert found(b"#!/usr/bin/env python3\n" + ZIP) == [Danger.SCRIPT, Danger.POLYGLOT]


@pytest.mark.parametrize("text", [b"#![allow(dead_code)]\n", b"#!\n", b"# /bin/sh\n", b"import os\n", b"a #!/bin/sh\n"])
def test_other_code_is_no_script_in_that_sense(text):
    assert found(text) == []


@pytest.mark.parametrize(
    ("inside", "told"),
    [
        ("<script>alert(1)</script>", "element script"),
        ('<x:script xmlns:x="http://www.w3.org/2000/svg"/>', "element script"),
        ("<foreignObject><p/></foreignObject>", "element foreignobject"),
        ('<rect onload="alert(1)"/>', "handler onload"),
        ('<rect ONCLICK="alert(1)"/>', "handler onclick"),
        ('<a xlink:href="javascript:alert(1)"><text>x</text></a>', "script in href"),
        ('<a href="&#106;ava&#10;script:alert(1)"/>', "script in href"),
        ('<animate attributeName="href" values="javascript:alert(1)"/>', "script in values"),
        ('<image href="https://example.org/a.png"/>', "outside"),
        ('<image xlink:href="//example.org/a.png"/>', "outside"),
        ('<image href="file:///etc/hostname"/>', "outside"),
        ('<use href="other.svg#a"/>', "outside"),
        ('<image href="data:image/svg+xml;base64,AAAA"/>', "outside"),
        ('<use href="data:text/html,x"/>', "script in href"),
        ("<style>@import 'a.css';</style>", "style"),
        ("<style>rect { fill: url(https://example.org/a) }</style>", "style"),
        (r"<style>rect { fill: \75 rl(//example.org/a) }</style>", "style"),
        ("<rect style=\"fill: url('http://example.org')\"/>", "style"),
        ('<?xml-stylesheet href="a.css"?>', "instruction xml-stylesheet"),
    ],
)
def test_a_drawing_that_acts_or_reaches_out_is_active(inside, told):
    assert found(SVG.format(inside).encode()) == [Danger.ACTIVE_CONTENT]
    assert told in details(SVG.format(inside).encode())


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_the_encoding_hides_no_script(encoding):
    assert found(SVG.format("<script/>").encode(encoding)) == [Danger.ACTIVE_CONTENT]


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE svg [<!ENTITY a "b">]>',
        '<!DOCTYPE svg SYSTEM "http://example.org/a.dtd">',
        '<!DOCTYPE svg [<!ENTITY % a SYSTEM "file:///etc/hostname"> %a;]>',
    ],
)
def test_entities_and_foreign_document_types_are_active(doctype):
    assert found(f"{doctype}{SVG.format('')}".encode()) == [Danger.ACTIVE_CONTENT]


def test_a_broken_drawing_is_searched_all_the_same():
    assert found(b"<svg><script>alert(1)</svg>") == [Danger.ACTIVE_CONTENT]
    assert found(b"<svg><rect></svg>") == []


def test_a_script_far_into_a_drawing_is_found():
    assert found(SVG.format("<g>" + "<rect/>" * 50_000 + "</g><script/>").encode()) == [Danger.ACTIVE_CONTENT]


@pytest.mark.parametrize(
    ("module", "bound", "inside"),
    [
        (active_content, "MAX_SVG_BYTES", "<rect/>" * 100),
        (_drawing, "MAX_ELEMENTS", "<rect/>" * 100),
        (_drawing, "MAX_STYLE", "<style>" + r"\61" * 100 + "</style>"),
    ],
)
def test_a_drawing_too_long_to_search_is_refused(monkeypatch, module, bound, inside):
    assert found(SVG.format(inside).encode()) == []
    monkeypatch.setattr(module, bound, 90)
    assert found(SVG.format(inside).encode()) == [Danger.ACTIVE_CONTENT]


@pytest.mark.parametrize(
    "drawing",
    [
        SVG.format('<rect fill="url(#a)" style="fill: url(#a)"/><use xlink:href="#a"/>'),
        SVG.format('<image href="data:image/png;base64,AAAA"/>'),
        SVG.format('<a href="https://example.org"><text>on click = "x"; url(x) in words</text></a>'),
        SVG.format("<style>@font-face { font-family: a; src: url(data:font/woff2;base64,AA) } a { b: c }</style>"),
        f'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">{SVG.format("")}',
        SVG.format('<metadata><r:Work xmlns:r="a" r:resource="http://purl.org/dc/StillImage"/></metadata>'),
        SVG.format(r'<g export-filename="C:\users\url.png" transform="scale(2)"/>'),
    ],
)
def test_a_still_drawing_is_harmless(drawing):
    assert found(drawing.encode()) == []


@pytest.mark.parametrize(
    ("page", "active"),
    [
        (b"<!DOCTYPE html><html><body>hi</body></html>", False),
        (b"<html><body onload='x()'>hi</body></html>", True),
        (b"<!-- a --><!doctype html><script>x()</script>", True),
        ("<html><script>x()</script></html>".encode("utf-16"), True),
    ],
)
def test_a_page_with_scripts_is_active(page, active):
    assert (found(page) == [Danger.ACTIVE_CONTENT]) is active


@pytest.mark.parametrize(
    "content",
    [
        PNG + ZIP,
        samples.video() + ZIP,
        PDF + ZIP,
        b"some text\n" + ZIP,
        samples.audio("wav", "pcm_s16le") + ZIP,
        b"%PDF-1.7\n" + containers.zipped("a")[:-2] + b"\x05\0" + b"%%EOF",
    ],
    ids=["PNG", "MP4", "PDF", "text", "WAV", "in its comment"],
)
def test_a_zip_behind_anything_is_a_polyglot(content):
    assert Danger.POLYGLOT in found(content)


@pytest.mark.parametrize(
    "content",
    [
        PDF[:-6] + ZIP + bytes(70_000) + b"%%EOF\n",
        PDF[:-6] + ZIP + b"\nendstream\nstartxref\n0\n%%EOF\n",
        samples.video() + struct.pack(">I4s", 8 + len(ZIP) + 100, b"free") + ZIP + bytes(100),
        containers.tar("a.zip", content=ZIP),
        containers.office(first=("word/embeddings/a.docx",)),
        containers.zipped("a.docx", method=0, **{"a.docx": containers.office()}),
        containers.mail(),
        containers.zipped("a.pdf", method=0, **{"a.pdf": PDF}),
        containers.zipped("a.txt", "b.pdf", method=0, **{"b.pdf": PDF}),
        containers.tar("a.pdf", content=PDF),
    ],
    ids=["PDF", "PDF at its end", "MP4", "tar", "docx", "zip", "mail", "PDF in zip", "later in it", "PDF in tar"],
)
def test_a_container_with_a_zip_or_a_pdf_inside_is_honest(content):
    assert found(content) == []


@pytest.mark.parametrize(
    "content",
    [
        commented(b"%PDF-1.4"),
        GIF[:13] + b"\x21\xfe\x08%PDF-1.4\0" + GIF[13:],
        with_chunk(b"tEXt", b"a\0%PDF-1.7\n"),
        bytes(range(1, 200)) + PDF,
        b"some words before\n" + PDF,
        containers.zipped("%PDF-1.7", "a.txt"),
    ],
    ids=["JPEG", "GIF", "PNG", "bytes", "text", "zip"],
)
def test_a_pdf_that_begins_later_is_a_polyglot(content):
    assert found(content) == [Danger.POLYGLOT]
    assert "A PDF begins at byte" in details(content)


@pytest.mark.parametrize(
    "content",
    [
        PDF,
        b"\n \n" + PDF,
        b"\xef\xbb\xbf" + PDF,
        b"A PDF begins with %PDF-1.7 and ends with a trailer.\n",
        b"# How a PDF ends\n\n%PDF-1.7\n\nwith %%EOF\n",
    ],
)
def test_a_pdf_and_a_text_about_it_are_honest(content):
    assert found(content) == []


@pytest.mark.parametrize(
    "content",
    [
        commented(b"<script>alert(1)</script>"),
        commented(b"<?php system($_GET[0]); ?>"),
        commented(b"<!DOCTYPE html><html>"),
        with_chunk(b"tEXt", b"Comment\0<html >"),
        with_gif_comment(b"<SCRIPT src=a>"),
        with_gif_comment(b"<?php __HALT_COMPILER(); ?>"),
        samples.image("BMP") + b"<script >",
    ],
)
def test_markup_in_a_picture_is_a_polyglot(content):
    assert found(content) == [Danger.POLYGLOT]


@pytest.mark.parametrize(
    "content",
    [
        b"GIF89a=1;alert(1)//" + bytes(20),
        b"GIF89a/*" + bytes(20) + b"*/=1;alert(1)",
        b"\xff\xd8\xff\xe0/*" + bytes(20),
    ],
)
def test_a_picture_that_begins_as_a_script_is_a_polyglot(content):
    assert found(content) == [Danger.POLYGLOT]


@pytest.mark.parametrize("width", [47, 61, 317])
def test_a_gif_of_an_unlucky_width_is_honest(width):
    assert found(samples.image("GIF", size=(width, 9))) == []


@pytest.mark.parametrize("picture", [PNG, JPEG, GIF], ids=["PNG", "JPEG", "GIF"])
@pytest.mark.parametrize(
    ("after", "danger"),
    [
        (b"Rar!\x1a\x07\x01\0" + bytes(20), Danger.POLYGLOT),
        (b"7z\xbc\xaf\x27\x1c" + bytes(20), Danger.POLYGLOT),
        (samples.elf(), Danger.POLYGLOT),
        (PDF, Danger.POLYGLOT),
        (b"#!/bin/sh\necho a script\n", Danger.POLYGLOT),
        (ZIP[:-4], Danger.POLYGLOT),
        (samples.video(), Danger.TRAILER),
        (JPEG, Danger.TRAILER),
        (b"\1\2\3\4" * 30, Danger.TRAILER),
    ],
    ids=["rar", "7z", "ELF", "PDF", "script", "cut zip", "clip", "second picture", "unknown"],
)
def test_what_follows_a_pictures_end_is_told(picture, after, danger):
    assert set(found(picture + after)) == {danger}


@pytest.mark.parametrize("picture", [PNG, JPEG, GIF])
@pytest.mark.parametrize("after", [b"", b"\n", bytes(4096), b"\r\n" * 20])
def test_padding_behind_a_picture_is_honest(picture, after):
    assert found(picture + after) == []


def test_a_picture_with_notes_of_a_camera_is_honest():
    packet = b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF/></x:xmpmeta>"
    first = 4 + int.from_bytes(JPEG[4:6], "big")
    noted = JPEG[:first] + b"\xff\xe1" + struct.pack(">H", 2 + len(packet)) + packet + JPEG[first:]
    assert found(noted) == []


@pytest.mark.parametrize("options", [{"progressive": True}, {"restart_marker_rows": 1}, {"quality": 100}])
def test_the_end_of_every_kind_of_jpeg_is_found(options):
    assert found(samples.photo(**options)) == []
    assert found(samples.photo(**options) + samples.video()) == [Danger.TRAILER]


@pytest.mark.parametrize("cut", [3, 10, 30, 100])
@pytest.mark.parametrize("picture", [PNG, JPEG, GIF])
def test_a_cut_picture_has_no_end_and_no_finding(picture, cut):
    assert found(picture[:cut]) == []
    assert found(picture[:-cut]) == []


def test_a_bitmap_whose_size_reads_as_a_comment_is_one_all_the_same():
    bitmap = samples.image("BMP")
    size = int.from_bytes(b"/*\0\0", "little")
    honest = bitmap[:2] + size.to_bytes(4, "little") + bitmap[6:] + bytes(size - len(bitmap))
    assert found(honest) == []
    assert found(honest[:-1]) == [Danger.POLYGLOT]
