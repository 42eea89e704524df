"""What pictures tell of themselves, exactly, and how much of a hostile one is read."""

import io
import struct

import pytest
from PIL import Image, TiffImagePlugin

from shared.ingest import Reason
from shared.metadata import Exif, ImageMetadata, Location
from tests.unit import heif_samples, media_samples, samples
from tests.unit.media_samples import GOOD
from workers.cage.cage import Cage
from workers.examine.describe import _frames, image
from workers.examine.examination import Claim, Examine
from workers.examine.examine import examine

CAMERA = Exif(
    make="Maker",
    model="Camera 1",
    lens="Lens 50",
    software="Program",
    taken_at="2024-05-01T12:34:56+02:00",
    exposure_seconds=0.004,
    f_number=2.8,
    iso=200,
    focal_length_mm=50,
    flash=True,
)
PLACE = Location(latitude=48.858194, longitude=-2.2945, altitude=35.5)
PICTURES = {name: make for name, make in GOOD.items() if name.startswith(("photo", "moving"))}
PICTURES["photo.heic"] = heif_samples.two_tiles
HEADER_ALONE = "so many pixels are not decoded, so nothing but the header was read"


@pytest.fixture(scope="module", autouse=True)
def prepared():
    image.prepare()


def examined(content):
    return examine(io.BytesIO(content), Claim(), keep_location=True)


def described(content):
    found = examined(content)
    assert found.reason is None, found.detail
    return found


@pytest.mark.parametrize(("format_", "dpi"), [("JPEG", 300.0), ("PNG", 300.0), ("WEBP", None), ("AVIF", None)])
def test_a_photo_tells_camera_time_place_and_colours(format_, dpi):
    found = described(media_samples.photo(format_))
    assert found.metadata == ImageMetadata(
        format=format_,
        width=32,
        height=24,
        mode="RGB",
        frames=1,
        colour_profile="sRGB built-in",
        bit_depth=8,
        has_alpha=False,
        orientation=6,
        display_width=24,
        display_height=32,
        dpi=dpi,
        exif=CAMERA,
        location=PLACE,
    )
    assert found.warnings == ()


def test_a_tiff_that_is_to_be_turned_keeps_its_size_as_stored():
    photo = described(media_samples.photo("TIFF")).metadata
    assert (photo.width, photo.height, photo.orientation) == (32, 24, 6)
    assert (photo.display_width, photo.display_height) == (24, 32)
    assert (photo.exif.make, photo.colour_profile, photo.dpi) == ("Maker", "sRGB built-in", 300.0)


async def test_every_picture_is_described_in_the_cage_as_outside_of_it(tmp_path):
    async with Cage() as cage:
        for name, make in PICTURES.items():
            content = make()
            (tmp_path / name).write_bytes(content)
            caged = await cage.examine(tmp_path / name, Examine(keep_location=True))
            assert (caged.metadata, caged.warnings) == (described(content).metadata, described(content).warnings)


@pytest.mark.parametrize("format_", ["GIF", "PNG", "WEBP"])
def test_an_animation_tells_frames_and_time(format_):
    found = described(media_samples.animation(format_))
    assert (found.metadata.frames, found.metadata.animated, found.metadata.duration_seconds) == (3, True, 0.3)
    assert found.warnings == ()


def test_an_animated_avif_does_not_tell_its_time():
    found = described(media_samples.animation("AVIF"))
    assert (found.metadata.frames, found.metadata.animated) == (3, True)
    assert found.warnings == ("duration_seconds could not be read",)


@pytest.mark.parametrize(
    ("format_", "mode", "bits", "alpha"),
    [
        ("PNG", "RGBA", 8, True),
        ("PNG", "I;16", 16, False),
        ("PNG", "1", 1, False),
        ("TIFF", "I;16", 16, False),
        ("TIFF", "F", 32, False),
        ("JPEG", "CMYK", 8, False),
        ("JPEG2000", "RGB", 8, False),
        ("ICO", "RGBA", 8, True),
    ],
)
def test_the_bits_of_a_colour_and_transparency(format_, mode, bits, alpha):
    found = described(samples.image(format_, mode))
    assert (found.metadata.bit_depth, found.metadata.has_alpha) == (bits, alpha)
    assert found.warnings == ()


@pytest.mark.parametrize(
    ("taken", "zone", "told"),
    [
        ("2024:05:01 12:34:56", None, "2024-05-01T12:34:56"),
        ("2024:05:01 12:34:56", "-05:30", "2024-05-01T12:34:56-05:30"),
        ("2024:05:01 12:34:56", "   :  ", "2024-05-01T12:34:56"),
        ("0000:00:00 00:00:00", None, None),
        ("    :  :     :  :  ", None, None),
    ],
)
def test_the_time_of_a_photo_has_a_zone_where_it_is_told(taken, zone, told):
    exif = Image.Exif()
    exif.get_ifd(0x8769).update({0x9003: taken} | ({0x9011: zone} if zone else {}))
    found = described(media_samples.photo(exif=exif)).metadata.exif
    assert (found and found.taken_at) == told


@pytest.mark.parametrize(
    "gps",
    [
        {1: "N", 2: (TiffImagePlugin.IFDRational(1, 0), 0.0, 0.0), 3: "E", 4: (1.0, 2.0, 3.0)},
        {1: "N", 2: (91.0, 0.0, 0.0), 3: "E", 4: (1.0, 2.0, 3.0)},
        {1: "N", 2: (48.0, 0.0, 0.0)},
    ],
    ids=["no number", "no place on earth", "half of one"],
)
def test_a_place_that_is_none_is_warned_of(gps):
    exif = Image.Exif()
    exif.get_ifd(0x8825).update(gps)
    found = described(media_samples.photo(exif=exif))
    assert found.metadata.location is None
    assert found.warnings == ("location could not be read",)


def test_broken_exif_and_a_broken_profile_cost_the_picture_nothing_else():
    found = described(media_samples.photo(exif=b"Exif\0\0II*\0\xff\xff\xff\xff", icc_profile=b"no profile"))
    assert (found.metadata.width, found.metadata.exif, found.metadata.colour_profile) == (32, None, None)
    assert "colour_profile could not be read" in found.warnings


def test_a_hundred_million_pixels_in_a_few_bytes_are_told_and_not_decoded():
    bomb = samples.image("PNG", "1", size=(10_000, 10_000))
    assert len(bomb) < 100_000
    found = described(bomb)
    assert (found.metadata.width, found.metadata.height, found.metadata.bit_depth) == (10_000, 10_000, 1)
    assert found.warnings == (HEADER_ALONE,)


def test_a_jpeg_of_a_hundred_million_pixels_is_seen_to_be_whole_within_the_cage(tmp_path):
    whole = samples.image("JPEG", "L", size=(10_000, 10_000))
    assert described(whole).warnings == ()
    assert examined(whole[: len(whole) // 2]).reason is Reason.UNREADABLE


def test_a_progressive_jpeg_is_held_to_the_bound_of_other_pictures(monkeypatch):
    monkeypatch.setattr(image, "MAX_PIXELS_ELSE", 100)
    assert described(media_samples.photo(progressive=True)).warnings == (HEADER_ALONE,)
    assert described(media_samples.photo()).warnings == ()


def test_a_gif_of_a_hundred_thousand_frames_is_counted_up_to_the_bound():
    found = described(media_samples.gif_of(100_000))
    assert (found.metadata.frames, found.metadata.animated, found.metadata.duration_seconds) == (None, True, None)
    assert found.warnings[0] == "more than 10000 pictures are not counted"
    at_the_bound = described(media_samples.gif_of(_frames.MAX_FRAMES)).metadata
    assert (at_the_bound.frames, at_the_bound.duration_seconds) == (10_000, 1000.0)


@pytest.mark.parametrize(("directories", "frames"), [(0, 1), (5, 6), (20_000, None)])
def test_the_directories_of_a_tiff_are_counted_up_to_the_bound(directories, frames):
    assert described(media_samples.tiff_chain(directories)).metadata.frames == frames


def test_a_tiff_whose_directories_go_round_is_counted_once():
    assert described(media_samples.tiff_chain(5, endless=True)).metadata.frames == 6


@pytest.mark.parametrize("name", ["photo.heic", "photo.avif", "photo.webp"])
@pytest.mark.parametrize("part", [0.1, 0.5])
def test_a_broken_one_is_unreadable(name, part):
    content = PICTURES[name]()
    assert examined(content[: int(len(content) * part)]).reason in {Reason.UNREADABLE, None}


def test_a_png_that_declares_more_pixels_than_there_are_bytes_on_earth_is_told_and_not_decoded():
    content = bytearray(samples.image("PNG"))
    content[16:24] = struct.pack(">II", 2**31 - 1, 2**31 - 1)
    assert examined(bytes(content)).reason is Reason.UNREADABLE  # its checksum is wrong
