"""HEIC: what it tells, what its preview shows, and how little a hostile one comes to; all in the real cage."""

import asyncio
import io
import struct
from pathlib import Path

import pytest
from PIL import Image

from shared.ingest import Reason
from shared.metadata import ImageMetadata
from tests.unit import heif_samples as samples
from tests.unit.heif_samples import boxed, coded, grid, heic, ispe, mirrored, turned, two_tiles
from tests.unit.test_describe_image import CAMERA, PLACE
from workers.cage.cage import Cage
from workers.examine.describe import _heic
from workers.examine.describe._heif import Broken
from workers.examine.examination import Examine, MakePreview

NOT_DECODED = "the picture could not be decoded, so nothing but the header was read"


class Caged:
    """One cage for all tests."""

    def __init__(self, runner: asyncio.Runner, path: Path):
        self.runner, self.path, self.cage = runner, path, Cage()

    def examined(self, content: bytes, *, keep_location: bool = False):
        self.path.write_bytes(content)
        return self.runner.run(self.cage.examine(self.path, Examine(keep_location=keep_location)))

    def shown(self, content: bytes) -> Image.Image | None:
        self.path.write_bytes(content)
        webp = self.runner.run(self.cage.preview(self.path, MakePreview(media_type="image/heic", kind="image")))
        return Image.open(io.BytesIO(webp), formats=("WEBP",)).convert("RGB") if webp else None


@pytest.fixture(scope="module")
def caged(tmp_path_factory):
    with asyncio.Runner() as runner:
        caged = Caged(runner, tmp_path_factory.mktemp("heic") / "file")
        runner.run(caged.cage.__aenter__())
        yield caged
        runner.run(caged.cage.__aexit__(None, None, None))


def colours(picture):
    """Return the names of the colours at the left, right, top and bottom, in the middle of each side."""
    width, height = picture.size
    places = (3, height // 2), (width - 4, height // 2), (width // 2, 3), (width // 2, height - 4)
    return tuple(min(samples.COLOURS, key=lambda name: _distance(picture.getpixel(at), name)) for at in places)


def _distance(colour, name):
    return sum(abs(one - other) for one, other in zip(colour, samples.COLOURS[name], strict=True))


def told(width, height, **more):
    size = {"width": width, "height": height, "display_width": width, "display_height": height}
    return ImageMetadata(
        **{"format": "HEIF", "mode": "RGB", "frames": 1, "bit_depth": 8, "has_alpha": False} | size | more
    )


def test_a_picture_tells_its_size(caged):
    found = caged.examined(heic([coded("red", (64, 32))]))
    assert (found.media_type, found.metadata, found.warnings) == ("image/heic", told(64, 32), ())


def test_tiles_with_exif_tell_camera_and_place(caged):
    found = caged.examined(two_tiles(), keep_location=True)
    assert found.metadata == told(120, 60, orientation=1, exif=CAMERA, location=PLACE)
    assert found.warnings == ()


def test_the_place_is_told_on_demand_alone(caged):
    assert caged.examined(two_tiles()).metadata == told(120, 60, orientation=1, exif=CAMERA)


def test_a_turned_picture_tells_its_size_as_shown(caged):
    assert caged.examined(heic([coded("red", (64, 32), turned(1))])).metadata == told(32, 64)


def test_a_picture_is_shown(caged):
    shown = caged.shown(heic([coded("green", (96, 64))]))
    assert (shown.size, set(colours(shown))) == ((96, 64), {"green"})


def test_a_large_picture_is_shown_small(caged):
    assert caged.shown(heic([coded("green", (2048, 1024))])).size == (512, 256)


@pytest.mark.parametrize(
    ("properties", "size", "left", "top"),
    [
        ([], (120, 60), "red", None),
        ([turned(1)], (60, 120), None, "blue"),
        ([turned(2)], (120, 60), "blue", None),
        ([turned(3)], (60, 120), None, "red"),
        ([mirrored(0)], (120, 60), "red", None),
        ([mirrored(1)], (120, 60), "blue", None),
        ([turned(1), mirrored(0)], (60, 120), None, "red"),
    ],
)
def test_tiles_are_put_together_and_turned(caged, properties, size, left, top):
    shown = caged.shown(two_tiles(*properties))
    assert shown.size == size
    assert colours(shown)[0 if left else 2] == (left or top)
    assert colours(shown)[1 if left else 3] == ({"red": "blue", "blue": "red"}[left or top])


def test_the_colours_of_the_box_count_more_than_those_of_the_stream(caged):
    full = boxed("colr", b"nclx" + struct.pack(">HHHB", 1, 13, 6, 0x80))
    assert caged.shown(heic([coded("white", (64, 64))])).getpixel((9, 9)) == (255, 255, 255)
    assert caged.shown(heic([coded("white", (64, 64), full)])).getpixel((9, 9)) == (235, 235, 235)


def with_thumbnail(picture):
    return heic([picture, coded("green", (64, 32), links=[(b"thmb", [1])]), coded("red"), coded("blue")])


@pytest.mark.parametrize(
    "picture",
    [
        samples.Item(b"av01", b"other", [ispe(64, 64)]),
        samples.Item(b"hvc1", b"\0\0\0\1broken", [ispe(64, 64)]),
        grid(1, 2, (8000, 6000), tiles=[3, 4]),
        grid(1, 2, (129, 60), tiles=[3, 4]),
        grid(1, 2, (64, 60), tiles=[3, 4]),
        grid(1, 2, (120, 65), tiles=[3, 4]),
        grid(1, 2, (120, 60), tiles=[3, 9]),
        grid(1, 2, (120, 60), tiles=[3, 2]),
    ],
    ids=["codec", "data", "pixels", "wide", "narrow", "high", "missing", "sizes"],
)
def test_a_picture_that_cannot_be_decoded_is_warned_of_and_its_thumbnail_shown(caged, picture):
    content = with_thumbnail(picture)
    shown = caged.shown(content)
    assert (shown.size, colours(shown)[0]) == ((64, 32), "green")
    found = caged.examined(content)
    assert (found.reason, found.warnings) == (None, (NOT_DECODED,))


@pytest.mark.parametrize(
    "picture",
    [
        grid(1, 3, (120, 60), tiles=[3, 4]),
        grid(1, 2, (120, 60), tiles=[1, 1]),
        grid(256, 256, (120, 60), tiles=[3] * 65_535),
        grid(1024, 1024, (120, 60), tiles=[3, 4]),
    ],
    ids=["number", "circle", "crowd", "million"],
)
def test_tiles_that_make_no_picture_are_unreadable(caged, picture):
    content = with_thumbnail(picture)
    assert caged.examined(content).reason is Reason.UNREADABLE
    assert colours(caged.shown(content))[0] == "green"


def sized(width, height):
    """Return a picture whose box lies about its size."""
    item = coded("red")
    item.properties[1] = ispe(width, height)
    return heic([item])


@pytest.mark.parametrize("side", [65_535, 2**32 - 1])
def test_a_picture_of_a_size_beyond_all_bounds_is_not_shown(caged, side):
    assert caged.shown(sized(side, side)) is None
    assert caged.examined(sized(side, side)).reason in {None, Reason.UNREADABLE}


def test_a_stream_that_is_larger_than_its_box_says_is_held_to_the_bound():
    assert _heic.paint(io.BytesIO(sized(8, 8)), 64 * 64, 512).size == (64, 64)
    with pytest.raises(Broken):
        _heic.paint(io.BytesIO(sized(8, 8)), 64 * 64 - 1, 512)


@pytest.mark.parametrize("number", [0, 1000, 65_535])
def test_a_file_that_claims_more_items_than_it_lists_does_no_harm(caged, number):
    content = heic([coded("red")], number=number)
    caged.shown(content)
    assert caged.examined(content).reason in {None, Reason.UNREADABLE}


@pytest.mark.parametrize("missing", [1, 30, 300])
def test_a_cut_one_is_unreadable_and_has_no_preview(caged, missing):
    assert caged.examined(heic([coded("red", (512, 512))])[:-missing]).reason is Reason.UNREADABLE
    assert caged.shown(heic([coded("red", (512, 512))])[:-missing]) is None


def test_whatever_byte_is_wrong_nothing_crashes(caged):
    content = two_tiles()
    for at in range(0, len(content), 29):
        broken = content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :]
        assert caged.examined(broken).reason in {None, Reason.UNREADABLE}
        caged.shown(broken)
