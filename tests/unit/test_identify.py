"""What the bytes show, whatever the name says."""

import bz2
import gzip
import io
import lzma
import random
import tarfile

import pytest

from tests.unit import containers, samples
from workers.examine.content import HEAD_BYTES
from workers.examine.identify import identify

SAMPLES = [
    ("video/mp4", samples.video("mp4")),
    ("video/quicktime", samples.video("mov")),
    ("video/webm", samples.video("webm", "libvpx-vp9")),
    ("video/x-matroska", samples.video("matroska")),
    ("video/x-msvideo", samples.video("avi", "mpeg4")),
    ("video/mp2t", samples.video("mpegts", "mpeg2video")),
    ("video/ogg", samples.video("ogg", "libvpx")),
    ("audio/mpeg", samples.audio("mp3", "libmp3lame")),
    ("audio/wav", samples.audio("wav", "pcm_s16le")),
    ("audio/flac", samples.audio("flac", "flac")),
    ("audio/ogg", samples.audio("ogg", "libopus")),
    ("audio/mp4", samples.audio("ipod", "aac")),
    ("audio/aac", samples.audio("adts", "aac")),
    ("image/png", samples.image("PNG")),
    ("image/jpeg", samples.image("JPEG")),
    ("image/gif", samples.image("GIF")),
    ("image/webp", samples.image("WEBP")),
    ("image/tiff", samples.image("TIFF")),
    ("image/bmp", samples.image("BMP")),
    ("image/avif", samples.image("AVIF")),
    ("text/plain", samples.text("utf-8")),
    ("text/plain", samples.text("utf-16")),
    ("text/plain", samples.text("cp1252")),
    ("text/plain", b"a"),
    ("text/html", b"<!DOCTYPE html><html><body>hi</body></html>"),
    ("application/json", b'{"a": [1, 2]}'),
    ("image/svg+xml", b'<svg xmlns="http://www.w3.org/2000/svg"/>'),
    ("text/plain", b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n/etc/hostname\n"),
    ("application/pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"),
    ("application/zip", containers.zipped("a.txt")),
    ("application/vnd.oasis.opendocument.graphics", containers.named("application/vnd.oasis.opendocument.graphics")),
    ("application/zip", containers.named("image/png")),
    ("application/zip", containers.zipped("word/document.xml")),
    ("application/epub+zip", containers.zipped("META-INF/container.xml", "mimetype")),
    ("application/java-archive", containers.zipped("a/B.class")),
    ("application/vnd.google-earth.kmz", containers.zipped("doc.kml", "files/a.png")),
    ("model/vnd.usdz+zip", containers.zipped("scene.usdc", method=0)),
    (f"{containers.OFFICE}presentationml.presentation", containers.office("ppt/presentation.xml")),
    ("application/vnd.ms-excel.sheet.macroEnabled.12", containers.office("xl/workbook.xml", macros=True)),
    (f"{containers.OFFICE}wordprocessingml.document", containers.office(first=("META-INF/MANIFEST.MF",))),
    (f"{containers.OFFICE}wordprocessingml.document", containers.office()[:-30]),
    ("image/heif", containers.boxes(b"mif1")),
    ("image/avif", containers.boxes(b"mif1", b"miaf", b"avif")),
    ("image/heic", containers.boxes(b"msf1", b"heic")),
    ("video/3gpp", containers.boxes(b"3gp5")),
    ("video/3gpp2", containers.boxes(b"3g2a")),
    ("video/mp4", containers.boxes(b"zzzz")),
    ("image/jp2", samples.image("JPEG2000")),
    ("application/vnd.ms-excel", containers.ole("Workbook")),
    ("application/vnd.ms-powerpoint", containers.ole("PowerPoint Document")),
    ("application/x-ole-storage", containers.ole("Anything")),
    ("application/x-ole-storage", containers.ole("WordDocument")[:600]),
    ("application/x-msi", containers.ole(clsid=bytes.fromhex("84100c0000000000c000000000000046"))),
    ("application/mbox", b"From a@example.org Mon Jan  1 10:00:00 2024\n" + containers.mail()),
    ("message/rfc822", b"Received: from a\r\n\tby b;\r\n now\r\nSubject: x\r\n\r\nGr\xfc\xdfe"),
    ("text/plain", b"From: the beginning\nof a story, 10:00 in 2024\n"),
    ("text/plain", b"Date: today\nSubject: none of a mail\n\ntext\n"),
    ("application/vnd.apache.arrow.stream", containers.arrow_stream()),
    ("application/vnd.apache.parquet", containers.parquet_file()[:-20]),
    ("application/x-hdf5", containers.hdf5(userblock=512)),
    ("application/x-tar", containers.tar(format_=tarfile.GNU_FORMAT)),
    ("application/gzip", gzip.compress(b"a")),
    ("application/x-bzip2", bz2.compress(b"a")),
    ("application/x-xz", lzma.compress(b"a")),
    ("application/json", b"[" * 10_000 + b"]" * 10_000),
    ("application/json", b'\xef\xbb\xbf {"a": "' + b"x" * 40_000 + b'"}'),
    ("application/json", b'[1, -2.5e3, true, null, "\\u00e9\\""]'),
    ("application/x-ndjson", b'{"a": 1}\n' * 5000),
    ("text/plain", b"[link](https://example.org)\n"),
    ("text/plain", b"{not: json}\n"),
    ("text/plain", b'{"a": NaN}'),
    ("text/plain", b"[1,]"),
    ("text/plain", b'{"a" 1}'),
    ("text/plain", b"[1] a note\n"),
    ("text/plain", b"42"),
    ("text/csv", b'a;b\n"1;1";2\n3;4\n'),
    ("text/plain", b"Dear A,\nI write, at last,\nsoon more.\n"),
    ("text/plain", b"a = 1;\nb = 2;\nc = 3;\n"),
    ("text/plain", b"\ta\n\tb\n\tc\n"),
    ("text/x-python", b"#!/usr/bin/env -S A=1 python3.11 -u\nprint(1)\n"),
    ("text/x-shellscript", b"#! /opt/unheard-of\n"),
    ("text/javascript", b"#!/usr/bin/node\n"),
    ("text/plain", b"import os\nprint(os.name)\n"),
    ("text/plain", b"A PDF begins with\n%PDF-1.7\n"),
    ("application/pdf", b"\n\n%PDF-1.7\n"),
    ("image/svg+xml", b"<?xml version='1.0'?><!-- a --><s:svg xmlns:s='http://www.w3.org/2000/svg'/>"),
    ("image/svg+xml", '<svg xmlns="http://www.w3.org/2000/svg"/>'.encode("utf-16")),
    ("text/html", b"<!-- a --> <!-- b --><!DOCTYPE html><p>hi"),
    ("text/xml", b"<?xml version='1.0'?><!-- <!DOCTYPE html> --><a/>"),
    ("text/plain", b"<p>A note in HTML"),
    ("application/wasm", b"\0asm\1\0\0\0"),
    ("application/java-vm", b"\xca\xfe\xba\xbe\0\0\0\x41" + bytes(40)),
    ("application/x-mach-binary", b"\xca\xfe\xba\xbe\0\0\0\2" + bytes(40)),
    ("audio/aac", b"ID3\4\0\0\0\0\0\4" + bytes(4) + samples.audio("adts", "aac")),
    ("audio/flac", b"ID3\4\0\0\0\0\0\4" + bytes(4) + samples.audio("flac", "flac")),
    ("application/octet-stream", random.Random(4).randbytes(4096)),
    ("application/octet-stream", bytes(4096)),
    ("application/octet-stream", b""),
]


@pytest.mark.parametrize(("media_type", "content"), SAMPLES)
def test_the_content_shows_its_type(media_type, content):
    assert identify(io.BytesIO(content)) == media_type


def test_an_elf_file_is_an_executable():
    assert identify(io.BytesIO(samples.elf())) in {
        "application/x-executable",
        "application/x-pie-executable",
        "application/x-sharedlib",
    }


def test_a_transport_stream_with_time_stamps_is_one_too():
    packets = b"".join(bytes(4) + b"\x47" + bytes(187) for _ in range(20))
    assert identify(io.BytesIO(packets)) == "video/mp2t"


class Counting(io.BytesIO):
    """Counts what is read of it."""

    taken = 0

    def read(self, size=-1, /):
        data = super().read(size)
        self.taken += len(data)
        return data


@pytest.mark.parametrize(
    "content",
    [
        samples.image("PNG"),
        containers.zipped(*map(str, range(50_000))),
        containers.office(),
        b"PAR1",
        b"<!-- " * 1000,
        b'{"a": 1}\n',
        b"From: a\n",
    ],
)
def test_only_bounded_parts_are_read(content):
    file = Counting(content + bytes(10_000_000))
    identify(file)
    assert file.taken <= HEAD_BYTES + 2 * 1024 * 1024


@pytest.mark.parametrize(
    "text",
    [
        b"<!-- a -->" * 1600,
        b"<!DOCTYPE a [" * 1200,
        b"From a " + b"11:11 2024 " * 1400,
        b"a: b\n" + b" \t" * 8000,
        b'"\\"' * 5000,
        b"#!/usr/bin/env " + b"A=1 " * 4000,
        b"\xff\xff\xff\xff\x10\0\0\0" + b"\xff" * 64,
        b"\x1aE\xdf\xa3" + b"\xff" * 100,
        b"OggS" + b"\xff" * 100,
        b"PK\x03\x04" + b"\xff" * 100,
        b"PK\x05\x06" + b"\xff" * 18,
        b"\0\0\0\x10ftyp",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * 2000,
        b"ID3\4\0\0\x7f\x7f\x7f\x7f",
    ],
)
@pytest.mark.timeout(5)
def test_hostile_heads_are_looked_at_without_a_fault_and_soon(text):
    assert "/" in identify(io.BytesIO(text))
