"""Pictures, by Pillow and libheif, decoded once so that a cut file shows; it leaves decoding HEIC to _heic.py."""

import io
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from types import MappingProxyType
from typing import Any, BinaryIO

import pi_heif
from PIL import AvifImagePlugin, ExifTags, Image, ImageCms, UnidentifiedImageError

from shared.metadata import ImageMetadata
from shared.metadata.fields import UNCOUNTED
from workers.examine.describe import Described, Unreadable, _exif, _frames, _heic
from workers.examine.describe._heif import Broken, Cut

KIND = "image"

MAX_PIXELS = MappingProxyType({"JPEG": 512_000_000, "JPEG2000": 16_000_000, "WEBP": 48_000_000})
"""Format → pixels beyond which nothing but the header is read: a JPEG is decoded at an eighth of its size, JPEG 2000
takes a second for each million, libwebp holds each pixel four times."""
MAX_PIXELS_ELSE = 64_000_000
"""The same for every other format: 256 MB at four bytes each."""

_MAX_PROFILE_BYTES = 4 * 1024 * 1024
_FORMATS = {
    "image/avif": "AVIF",
    "image/bmp": "BMP",
    "image/gif": "GIF",
    "image/heic": "HEIF",
    "image/heif": "HEIF",
    "image/jp2": "JPEG2000",
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/tiff": "TIFF",
    "image/vnd.microsoft.icon": "ICO",
    "image/webp": "WEBP",
}
_MOVING = frozenset({"AVIF", "GIF", "PNG", "WEBP"})
_DEPTHS = MappingProxyType({"1": 1, "F": 32, "I": 32, "I;16": 16, "I;16B": 16, "I;16L": 16})
# TIFF 6.0, section 8: https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf
_TIFF_WIDTH, _TIFF_HEIGHT, _TIFF_BITS = 256, 257, 258
_OFTEN_UNTOLD = frozenset({"colour_profile", "orientation", "dpi", "exif", "location"})
_SIDEWAYS = range(5, 9)


def prepare() -> None:
    """Load every plugin, since Pillow looks for them on first use."""
    Image.init()
    # The child may not start threads, nor count the processors for them.
    # https://pillow.readthedocs.io/en/stable/handbook/image-file-formats.html#avif
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    # https://pillow-heif.readthedocs.io/en/latest/options.html
    pi_heif.register_heif_opener(decode_threads=0, thumbnails=False, depth_images=False, aux_images=False)


def describe(file: BinaryIO, media_type: str) -> Described:
    """Return what the header, EXIF and the colour profile tell, once the pixels were seen to be whole."""
    with faults_named():
        opened(file, media_type).verify()
        picture = opened(file, media_type)
        return _described(file, picture)


def opened(file: BinaryIO, media_type: str) -> Any:
    """Open a picture of any size, of which nothing but the header is read; to be used within `faults_named`."""
    format_ = _FORMATS.get(media_type)
    if format_ is None:
        raise Unreadable(f"No decoder reads {media_type}.")
    file.seek(0)
    limit = Image.MAX_IMAGE_PIXELS
    if format_ != "ICO":  # which is decoded while it is opened
        Image.MAX_IMAGE_PIXELS = None
    try:
        return Image.open(file, formats=(format_,))
    finally:
        Image.MAX_IMAGE_PIXELS = limit


def is_heif(media_type: str) -> bool:
    """Say whether the picture is one that Pillow opens and cannot decode in the cage."""
    return _FORMATS.get(media_type) == "HEIF"


def is_decodable(picture: Any) -> bool:
    """Say whether Pillow can decode the picture within our bounds."""
    held_whole = picture.info.get("progressive")  # while it is decoded, unlike another JPEG
    limit = MAX_PIXELS_ELSE if held_whole else MAX_PIXELS.get(picture.format, MAX_PIXELS_ELSE)
    return bool(picture.width * picture.height <= limit)


def exif_of(picture: Any) -> Image.Exif:
    """Return the picture's EXIF, empty where it has none."""
    return Image.Image.getexif(picture)  # PNG's own decodes the picture first, whatever its size


def _described(file: BinaryIO, picture: Any) -> Described:
    header, told = _header(file, picture), list[str]()
    # A TIFF's EXIF is gone once it is decoded; a PNG's may stand behind its pixels.
    noted = _noted(picture, header, told) if picture.format != "PNG" else None
    told += _decoded_heif(file) if picture.format == "HEIF" else _decoded(picture)
    noted = noted or _noted(picture, header, told)
    frames = _frames.count(file, picture.format) or _frames.Frames(getattr(picture, "n_frames", 1))
    if not frames.are_all:
        told.append(f"more than {_frames.MAX_FRAMES} pictures are not counted")
    moves = frames.number > 1 and picture.format in _MOVING
    metadata = ImageMetadata(
        **header,
        **noted,
        frames=frames.number if frames.are_all else None,
        animated=moves,
        duration_seconds=frames.seconds if frames.are_all else None,
        colour_profile=_profile(picture, told),
    )
    return Described.of(metadata, *told, absent=_OFTEN_UNTOLD | (frozenset() if moves else {"duration_seconds"}))


def _decoded(picture: Any) -> Iterator[str]:
    """Decode the picture, or yield why not."""
    if not is_decodable(picture):
        yield "so many pixels are not decoded, so nothing but the header was read"
        return
    # A JPEG's data are read whole at an eighth of its size too, for a fraction of the time.
    # https://pillow.readthedocs.io/en/stable/reference/Image.html#PIL.Image.Image.draft
    picture.draft(None, (picture.width // 8, picture.height // 8))
    picture.load()


def _decoded_heif(file: BinaryIO) -> Iterator[str]:
    """Decode the first tile, or yield that it cannot be done; raise Unreadable where the file is cut."""
    try:
        _heic.first_part(file, MAX_PIXELS_ELSE)
    except Cut:
        raise
    except Broken:
        yield "the picture could not be decoded, so nothing but the header was read"


def _header(file: BinaryIO, picture: Any) -> dict[str, Any]:
    # Pillow turns a TIFF by itself, and tells its size as shown.
    tags = picture.tag_v2 if picture.format == "TIFF" else {}
    return {
        "format": picture.format,
        "width": tags.get(_TIFF_WIDTH, picture.width),
        "height": tags.get(_TIFF_HEIGHT, picture.height),
        "mode": picture.mode,
        "has_alpha": picture.has_transparency_data,
        "bit_depth": _bit_depth(file, picture),
    }


def _dpi(picture: Any, exif: Mapping[int, Any]) -> float | None:
    """Return the density where it is told: Pillow takes 72 for a JPEG whose EXIF lacks it; JFIF's unit 0 is a ratio."""
    told = picture.format != "JPEG" or picture.info.get("jfif_unit") or ExifTags.Base.XResolution in exif
    dpi = float(picture.info.get("dpi", (0, 0))[0]) if told else 0
    return round(dpi, 2) if 1 < dpi < UNCOUNTED else None  # 1 is Pillow's for none


def _bit_depth(file: BinaryIO, picture: Any) -> int | None:
    if picture.format == "PNG":
        position = file.tell()
        file.seek(24)  # in IHDR, behind width and height: https://www.w3.org/TR/png-3/#11IHDR
        depth = file.read(1)[0]
        file.seek(position)
        return depth
    if picture.format == "TIFF":
        return int(picture.tag_v2.get(_TIFF_BITS, (1,))[0])
    return int(picture.info.get("bit_depth") or _DEPTHS.get(picture.mode, 8))


def _noted(picture: Any, header: dict[str, Any], told: list[str]) -> dict[str, Any]:
    """Return what EXIF tells, with the density, and the size as shown, which follows from it."""
    exif: Mapping[int, Any] = {}
    noted: dict[str, Any] = {}
    try:
        exif = exif_of(picture)
        turned = _exif.orientation(exif)
        noted = {"orientation": turned, "exif": _exif.camera(exif), "location": _exif.location(exif)}
        if _exif.tells_location(exif) and noted["location"] is None:
            told.append("location could not be read")
    except (MemoryError, PermissionError):
        raise
    except Exception:  # noqa: BLE001 - whatever broken EXIF is, the picture is there
        turned = None
        told.append("exif could not be read")
    size = header["width"], header["height"]
    width, height = size[::-1] if turned in _SIDEWAYS else size
    return noted | {"display_width": width, "display_height": height, "dpi": _dpi(picture, exif)}


def _profile(picture: Any, told: list[str]) -> str | None:
    data = picture.info.get("icc_profile")
    if not data:
        return None
    if len(data) <= _MAX_PROFILE_BYTES:
        with suppress(OSError, ImageCms.PyCMSError):
            return ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(data))).strip()
    told.append("colour_profile could not be read")
    return None


@contextmanager
def faults_named() -> Iterator[None]:
    """Turn whatever Pillow raises into Unreadable."""
    # Pillow only warns between one and two times its pixel limit.
    # https://pillow.readthedocs.io/en/stable/reference/Image.html#PIL.Image.MAX_IMAGE_PIXELS
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            yield
        except (MemoryError, PermissionError, Unreadable):  # the cage's doing, or told already
            raise
        except UnidentifiedImageError as fault:  # its message names our file object
            raise Unreadable("The content is no picture of its type.") from fault
        except Exception as fault:  # Pillow's plugins raise nearly anything on broken bytes
            raise Unreadable(f"{type(fault).__name__}: {fault}") from fault
