"""Programs under other names, and bytes that are two formats at once."""

import struct

from tests.corpus.formats import png
from tests.corpus.formats.zips import Entry, archive
from tests.corpus.good import documents, pictures, video
from tests.corpus.items import hostile

MISMATCH, POLYGLOT, PROGRAM, SCRIPT, ACTIVE = "content_mismatch", "polyglot", "executable", "script", "active_content"

ELF = (
    b"\x7fELF\2\1\1"
    + bytes(9)
    + struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, 0x400078, 64, 0, 0, 64, 56, 1, 0, 0, 0)
    + bytes(200)
)
PE = (
    b"MZ".ljust(60, b"\0")
    + struct.pack("<I", 64)
    + b"PE\0\0"
    + struct.pack("<HHIIIHH", 0x8664, 1, 0, 0, 0, 240, 0x22)
    + b"\x0b\2"
    + bytes(400)
)
MACH_O = struct.pack("<IIIIIIII", 0xFEEDFACF, 0x01000007, 3, 2, 0, 0, 0, 0) + bytes(200)

_PROGRAMS = {
    "an ELF program": ELF,
    "a Windows program": PE,
    "a macOS program": MACH_O,
    "a universal macOS program": struct.pack(">IIIIIII", 0xCAFEBABE, 1, 0x01000007, 3, 4096, 200, 12) + bytes(5000),
    "a WebAssembly module": b"\0asm\1\0\0\0" + bytes(50),
    "a script with a shebang": b"#!/bin/sh\nrm -rf ~\n",
    "a Python script": b"#!/usr/bin/env python3\nimport os\nos.system('id')\n",
    "a batch file": b"@echo off\r\ndel /q C:\\*\r\n",
    "a Windows shortcut": bytes.fromhex("4c0000000114020000000000c000000000000046") + bytes(100),
    "a Java class": b"\xca\xfe\xba\xbe\0\0\0\x34\0\x10" + bytes(100),
}

_NAMES = {"clip.mp4": "video/mp4", "photo.jpg": "image/jpeg"}


def _made(content: bytes):
    return lambda: content


for _what, _content in _PROGRAMS.items():
    for _name, _type in _NAMES.items():
        hostile(f"{_what} named {_name}", _name, MISMATCH, declared_type=_type)(_made(_content))

for _what, _content in _PROGRAMS.items():
    if "program" in _what:
        hostile(f"{_what} that claims nothing", None, PROGRAM)(_made(_content))

hostile("a script with a shebang that claims nothing", None, SCRIPT)(_made(_PROGRAMS["a script with a shebang"]))

OWNED = Entry(b"owned.txt", b"x" * 100)


@hostile("a JPEG with a ZIP after it", "photo.jpg", POLYGLOT)
def zip_after_jpeg() -> bytes:
    return archive([OWNED], before=pictures.photograph())


@hostile("a PNG with a ZIP after it", "picture.png", POLYGLOT)
def zip_after_png() -> bytes:
    return archive([OWNED], before=pictures.png())


@hostile("an MP4 with a ZIP after it", "clip.mp4", POLYGLOT)
def zip_after_film() -> bytes:
    return archive([OWNED], before=video.mp4())


@hostile("a PDF with a ZIP after it", "report.pdf", POLYGLOT)
def zip_after_pdf() -> bytes:
    return archive([OWNED], before=documents.text_pdf())


@hostile("a GIF with a Java archive after it", "picture.gif", POLYGLOT)
def jar_after_gif() -> bytes:
    return archive([Entry(b"META-INF/MANIFEST.MF", b"Main-Class: Owned\n"), OWNED], before=pictures.gif())


@hostile("a ZIP with a Windows program before it", "files.zip", MISMATCH)
def zip_after_program() -> bytes:
    return archive([OWNED], before=PE)


@hostile("a PDF whose head stands 500 bytes into the file", "report.pdf", MISMATCH)
def late_pdf() -> bytes:
    return b"GIF89a" + bytes(494) + documents.text_pdf()


@hostile("a PDF in the comment of a JPEG", "photo.jpg", POLYGLOT)
def pdf_in_jpeg() -> bytes:
    return _with_comment(documents.text_pdf())


@hostile("a web page in the comment of a JPEG", "photo.jpg", POLYGLOT)
def html_in_jpeg() -> bytes:
    return _with_comment(b"<html><script>alert(document.domain)</script></html>")


@hostile("a web page in the text of a PNG", "picture.png", POLYGLOT)
def html_in_png() -> bytes:
    return png.picture(png.chunk(b"tEXt", b"Comment\0<script>alert(1)</script>"))


@hostile("a GIF that is JavaScript too", "picture.gif", POLYGLOT)
def gif_and_script() -> bytes:
    whole = bytearray(pictures.gif())
    whole[6:8] = b"/*"
    return bytes(whole[:-1]) + b"*/=1;alert(1);//" + b"\x3b"


@hostile("a bitmap that is JavaScript too", "picture.bmp", POLYGLOT)
def bitmap_and_script() -> bytes:
    whole = bytearray(pictures.bmp())
    whole[2:4] = b"/*"
    return bytes(whole) + b"*/=1;alert(1)"


@hostile("a PHP script behind a GIF's head", "picture.gif", POLYGLOT, ACTIVE)
def php_behind_gif() -> bytes:
    return b"GIF89a<?php system($_GET['c']); ?>"


@hostile("a WAV with a ZIP in it", "sound.wav", POLYGLOT)
def zip_in_wav() -> bytes:
    inner = archive([OWNED])
    form = struct.pack("<IHHIIHH", 16, 1, 1, 8000, 8000, 1, 8)
    body = b"WAVEfmt " + form + b"data" + struct.pack("<I", 8000) + bytes(8000)
    return b"RIFF" + struct.pack("<I", len(body)) + body + inner


@hostile("a tar that begins with a PDF", "files.tar", MISMATCH)
def tar_and_pdf() -> bytes:
    block = bytearray(512)
    block[:9], block[100:108], block[124:136], block[156:157] = b"%PDF-1.4\n", b"0000644\0", b"00000000000\0", b"0"
    block[257:265], block[148:156] = b"ustar\00000", b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block) + bytes(1024)


def _with_comment(comment: bytes) -> bytes:
    whole = pictures.photograph()
    return whole[:2] + b"\xff\xfe" + struct.pack(">H", len(comment) + 2) + comment + whole[2:]
