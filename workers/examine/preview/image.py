"""A picture's first frame, upright; it leaves opening and the bounds of decoding to the describer."""

from types import MappingProxyType
from typing import Any, BinaryIO, cast

from PIL import Image

from workers.examine.describe import _exif, _heic
from workers.examine.describe.image import MAX_PIXELS as MAX_DESCRIBED
from workers.examine.describe.image import exif_of, faults_named, is_decodable, is_heif, opened, prepare
from workers.examine.preview import EDGE, NoPreview

__all__ = ["KIND", "paint", "prepare"]

KIND = "image"

MAX_PIXELS = MappingProxyType({"JPEG": MAX_DESCRIBED["JPEG"], "JPEG2000": 4_000_000, "WEBP": 20_000_000})
"""Format → pixels beyond which there is no preview, which has less memory and time than a description."""
MAX_PIXELS_ELSE = 40_000_000

# EXIF orientation → what makes it upright: CIPA DC-008, section 4.6.5, figure 7.
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def paint(file: BinaryIO, media_type: str) -> Image.Image:
    """Return the picture at about the size of a preview."""
    with faults_named():
        if is_heif(media_type):
            return _heic.paint(file, MAX_PIXELS_ELSE, EDGE)
        picture = opened(file, media_type)
        if _fits(picture):
            return _upright(picture)
    raise NoPreview


def _fits(picture: Any) -> bool:
    pixels = picture.width * picture.height
    return is_decodable(picture) and bool(pixels <= MAX_PIXELS.get(picture.format, MAX_PIXELS_ELSE))


def _upright(picture: Any) -> Image.Image:
    turned = _turned(picture)
    picture.draft("RGB", (EDGE, EDGE))
    small = _shrunk(picture)
    return small.transpose(_TURNS[turned]) if turned in _TURNS else small


def _turned(picture: Any) -> int | None:
    if picture.format == "TIFF":  # Pillow turns it by itself
        return None
    try:
        return _exif.orientation(exif_of(picture))
    except (MemoryError, PermissionError):
        raise
    except Exception:  # noqa: BLE001 - whatever broken EXIF is, the picture is there
        return None


def _shrunk(picture: Any) -> Image.Image:
    """Return it small before it is converted, so that the whole stands in memory once."""
    if picture.mode in {"1", "P", "PA"}:  # palettes cannot be blended
        picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    picture.load()  # a small one is not touched by what follows
    picture.thumbnail((EDGE, EDGE))
    return _eight_bits(picture) if picture.mode[0] in "IF" else picture


def _eight_bits(picture: Image.Image) -> Image.Image:
    """Stretch deep greys from darkest to brightest over the range of eight bits."""
    floating = picture.convert("F")
    darkest, brightest = cast("tuple[float, float]", floating.getextrema())
    scale = 255 / ((brightest - darkest) or 1)
    return floating.point(lambda value: value * scale - darkest * scale).convert("L")
