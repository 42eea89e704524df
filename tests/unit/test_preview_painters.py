"""What the painters show of each kind, in the real cage and within a preview's limits; what shows nothing is empty."""

import asyncio
import io
import os
import zipfile

import pytest
from PIL import Image

from shared.media_types import kind_of
from tests.unit import media_samples, pdfs, samples
from tests.unit.media_samples import GOOD
from workers.cage.cage import Cage
from workers.cage.protocol import MAX_ANSWER_BYTES
from workers.examine.examination import MakePreview

RED, BLUE = (255, 0, 0), (0, 0, 255)


@pytest.fixture(scope="module")
def paint(tmp_path_factory):
    """A function that makes previews, all in one cage."""
    path = tmp_path_factory.mktemp("previews") / "file"
    cage = Cage()

    def painted(content, media_type, kind=None):
        path.write_bytes(content)
        return runner.run(cage.preview(path, MakePreview(media_type=media_type, kind=kind or kind_of(media_type))))

    with asyncio.Runner() as runner:
        runner.run(cage.__aenter__())
        yield painted
        runner.run(cage.__aexit__(None, None, None))


def opened(webp):
    picture = Image.open(io.BytesIO(webp), formats=("WEBP",))
    picture.load()
    assert max(picture.size) <= 512
    return picture


def close_to(picture, place, colour):
    seen = picture.convert("RGB").getpixel(place)
    return max(abs(one - other) for one, other in zip(seen, colour, strict=True)) < 40


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_a_photo_is_shown_upright_whatever_its_orientation(format_, paint):
    for orientation in range(1, 9):
        shown = opened(paint(media_samples.photo(format_, orientation), f"image/{format_.lower()}"))
        assert shown.size == ((32, 24) if orientation < 5 else (24, 32))
        # The red half is at the left of what is stored: CIPA DC-008, section 4.6.5, figure 7.
        right, bottom = shown.size[0] - 3, shown.size[1] - 3
        red, blue = {
            1: ((2, 2), (right, 2)),
            2: ((right, 2), (2, 2)),
            3: ((right, 2), (2, 2)),
            4: ((2, 2), (right, 2)),
            5: ((2, 2), (2, bottom)),
            6: ((2, 2), (2, bottom)),
            7: ((2, bottom), (2, 2)),
            8: ((2, bottom), (2, 2)),
        }[orientation]
        assert close_to(shown, red, RED)
        assert close_to(shown, blue, BLUE)


@pytest.mark.parametrize(
    ("format_", "mode"),
    [
        ("PNG", "1"),
        ("PNG", "P"),
        ("PNG", "LA"),
        ("PNG", "I;16"),
        ("TIFF", "F"),
        ("TIFF", "I;16"),
        ("JPEG", "CMYK"),
        ("BMP", "RGB"),
        ("ICO", "RGBA"),
        ("JPEG2000", "RGB"),
    ],
)
def test_every_mode_has_a_preview(format_, mode, paint):
    media_type = {"ICO": "image/vnd.microsoft.icon", "JPEG2000": "image/jp2"}.get(format_, f"image/{format_.lower()}")
    shown = opened(paint(samples.image(format_, mode, size=(640, 480)), media_type))
    assert shown.size[0] / shown.size[1] == pytest.approx(4 / 3, abs=0.01)


def test_deep_greys_are_stretched_to_what_can_be_seen(paint):
    deep = Image.new("I;16", (64, 64), 1000)
    deep.paste(1100, (0, 0, 32, 64))
    target = io.BytesIO()
    deep.save(target, "PNG")
    shown = opened(paint(target.getvalue(), "image/png"))
    assert close_to(shown, (5, 5), (255, 255, 255))
    assert close_to(shown, (60, 5), (0, 0, 0))


def test_transparency_is_kept(paint):
    clear = Image.new("RGBA", (600, 300), (255, 0, 0, 0))
    target = io.BytesIO()
    clear.save(target, "PNG")
    shown = opened(paint(target.getvalue(), "image/png"))
    assert (shown.mode, shown.size) == ("RGBA", (512, 256))
    assert shown.getpixel((5, 5))[3] == 0


def test_a_jpeg_of_a_hundred_million_pixels_has_a_preview(paint):
    shown = opened(paint(samples.image("JPEG", size=(10_000, 10_000)), "image/jpeg"))
    assert shown.size == (512, 512)


def test_a_png_of_a_hundred_million_pixels_has_none(paint):
    assert paint(samples.image("PNG", "1", size=(10_000, 10_000)), "image/png") == b""


def test_what_cannot_be_compressed_stays_within_the_cages_answer(paint):
    noise = Image.frombytes("RGBA", (512, 512), os.urandom(512 * 512 * 4))
    target = io.BytesIO()
    noise.save(target, "PNG")
    shown = paint(target.getvalue(), "image/png")
    assert opened(shown).size == (512, 512)
    assert len(shown) < MAX_ANSWER_BYTES


@pytest.mark.parametrize(
    ("container", "codec", "media_type"),
    [
        ("mp4", "libx264", "video/mp4"),
        ("mp4", "libx265", "video/mp4"),
        ("mp4", "libsvtav1", "video/mp4"),
        ("webm", "libvpx-vp9", "video/webm"),
        ("matroska", "libx264", "video/x-matroska"),
        ("avi", "mpeg4", "video/x-msvideo"),
        ("flv", "flv", "video/x-flv"),
        ("mpegts", "mpeg2video", "video/mp2t"),
        ("asf", "wmv2", "video/x-ms-asf"),
    ],
)
def test_a_frame_of_a_video_in_every_container(container, codec, media_type, paint):
    shown = opened(paint(samples.video(container, codec), media_type))
    assert shown.size == (64, 48)


@pytest.mark.parametrize(("container", "media_type"), [("mp4", "video/mp4"), ("mpegts", "video/mp2t")])
def test_a_video_that_begins_black_shows_a_later_frame(container, media_type, paint):
    codec = "libx264" if container == "mp4" else "mpeg2video"
    content = media_samples.tagged_video(container, codec, shades=(0, 0, 0, 250, 250, 250, 250))
    shown = opened(paint(content, media_type))
    assert shown.convert("L").getextrema()[1] > 200


def test_a_video_whose_only_key_frame_is_black_shows_a_frame_between(paint):
    def one_key_frame(_, stream):
        stream.options = {"g": "250", "sc_threshold": "0"}

    content = media_samples.tagged_video(change=one_key_frame, shades=(0,) * 20 + (250,) * 30)
    shown = opened(paint(content, "video/mp4"))
    assert shown.convert("L").getextrema()[1] > 200


def test_a_video_that_is_black_throughout_shows_that(paint):
    shown = opened(paint(media_samples.tagged_video(shades=(0,) * 8), "video/mp4"))
    assert shown.convert("L").getextrema()[1] < 20


@pytest.mark.parametrize(("degrees", "bright"), [(90, (24, 60)), (180, (3, 24)), (270, (24, 3))])
def test_a_turned_video_is_shown_upright(degrees, bright, paint):
    content = media_samples.tagged_video(
        shades=(250,) * 5, change=lambda _, stream: stream.set_display_rotation(-degrees)
    )
    shown = opened(paint(content, "video/mp4")).convert("L")
    assert shown.size == ((64, 48) if degrees == 180 else (48, 64))
    assert shown.getpixel(bright) > 180


def test_wide_pixels_are_shown_wide(paint):
    assert opened(paint(media_samples.wide(), "video/mp4")).size == (85, 48)


def test_a_large_video_is_shown_small(paint):
    content = media_samples.tagged_video(size=(1920, 1080), shades=(200,) * 3)
    assert opened(paint(content, "video/mp4")).size == (512, 288)


def test_the_first_page_of_a_pdf_stands_on_white(paint):
    shown = opened(paint(pdfs.pages(3, "words"), "application/pdf"))
    assert shown.size in {(361, 512), (362, 512)}
    assert shown.getpixel((300, 400)) == (255, 255, 255)
    assert shown.convert("L").getextrema()[0] < 128


def test_a_pdf_behind_a_password_has_none(paint):
    assert paint(pdfs.encrypted(), "application/pdf") == b""


@pytest.mark.parametrize("name", ["tagged.mp3", "tagged.flac", "tagged.m4a", "tagged.opus", "speech.amr"])
def test_a_sound_that_grows_louder_is_drawn_so(name, paint):
    media_type = {
        "mp3": "audio/mpeg",
        "flac": "audio/flac",
        "m4a": "audio/mp4",
        "opus": "audio/ogg",
        "amr": "audio/amr",
    }[name.rpartition(".")[2]]
    shown = opened(paint(GOOD[name](), media_type, "audio"))
    assert (shown.mode, shown.size) == ("RGBA", (512, 128))
    begin, end = drawn_rows(shown, 40), drawn_rows(shown, 470)
    assert begin < end / 2
    assert end > 40


def drawn_rows(shown, column):
    alpha = shown.getchannel("A").crop((column, 0, column + 4, 128))
    return max(sum(alpha.getpixel((x, y)) > 128 for y in range(128)) for x in range(4))


@pytest.mark.parametrize(("container", "codec"), [("wav", "pcm_s16le"), ("flac", "flac"), ("mp3", "libmp3lame")])
def test_ten_minutes_of_silence_are_a_line(container, codec, paint):
    media_type = {"wav": "audio/wav", "flac": "audio/flac", "mp3": "audio/mpeg"}[container]
    shown = opened(paint(samples.audio(container, codec, seconds=600), media_type))
    assert drawn_rows(shown, 40) == drawn_rows(shown, 470) == 3


@pytest.mark.parametrize("name", ["docProps/thumbnail.jpeg", "Thumbnails/thumbnail.png"])
def test_an_office_document_shows_the_thumbnail_that_it_carries(name, paint):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        package.writestr("content.xml", "<x/>")
        package.writestr(name, samples.image("JPEG" if name.endswith("jpeg") else "PNG", size=(1000, 500)))
    shown = opened(paint(target.getvalue(), "application/zip", "office"))
    assert shown.size == (512, 256)


def test_an_office_document_without_one_has_none(paint):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        package.writestr("content.xml", "<x/>")
    assert paint(target.getvalue(), "application/zip", "office") == b""


BROKEN = [
    ("image/jpeg", "image", GOOD["photo.jpg"]),
    ("image/png", "image", GOOD["photo.png"]),
    ("image/tiff", "image", GOOD["photo.tif"]),
    ("image/avif", "image", GOOD["photo.avif"]),
    ("image/webp", "image", GOOD["photo.webp"]),
    ("video/mp4", "video", samples.video),
    ("video/x-matroska", "video", lambda: samples.video("matroska")),
    ("audio/mpeg", "audio", GOOD["tagged.mp3"]),
    ("application/pdf", "pdf", lambda: pdfs.pages(1, "words")),
    ("application/zip", "office", lambda: b"PK\x03\x04" + bytes(100)),
]


@pytest.mark.parametrize(("media_type", "kind", "make"), BROKEN, ids=[media_type for media_type, _, _ in BROKEN])
def test_broken_bytes_end_as_a_preview_or_none_and_the_parser_lives(media_type, kind, make, paint, caplog):
    whole = make()
    for content in (b"", b"\0" * 100, whole[:20], whole[: len(whole) // 3], whole[: len(whole) // 2] + bytes(500)):
        webp = paint(content, media_type, kind)
        assert webp == b"" or opened(webp)
    assert [record.fault for record in caplog.records] == []
