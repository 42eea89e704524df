"""What the bytes show, whatever the name says."""

import io
import random
import zipfile

import pytest

from tests.unit import samples
from workers.examine.identify import identify


def archive() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as out:
        out.writestr("a.txt", "a")
    return target.getvalue()


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
    ("application/zip", archive()),
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


def test_only_the_head_is_read():
    file = io.BytesIO(samples.image("PNG") + bytes(1_000_000))
    assert identify(file) == "image/png"
    assert file.tell() <= 64 * 1024
