"""Pictures, by Pillow, decoded once so that a cut file shows; it leaves moving pictures to video.py."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from PIL import AvifImagePlugin, Image, UnidentifiedImageError

from shared.metadata import ImageMetadata
from workers.examine.describe import Described, Unreadable

KIND = "image"

_FORMATS = {
    "image/avif": "AVIF",
    "image/bmp": "BMP",
    "image/gif": "GIF",
    "image/jp2": "JPEG2000",
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/tiff": "TIFF",
    "image/vnd.microsoft.icon": "ICO",
    "image/webp": "WEBP",
}


def prepare() -> None:
    """Load every plugin, since Pillow looks for them on first use."""
    Image.init()
    # The child may not start threads, nor count the processors for them.
    # https://pillow.readthedocs.io/en/stable/handbook/image-file-formats.html#avif
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1


def describe(file: BinaryIO, media_type: str) -> Described:
    """Return format, size, mode and number of frames."""
    format_ = _FORMATS.get(media_type)
    if format_ is None:
        raise Unreadable(f"No decoder reads {media_type}.")
    with _faults_named():
        return Described(_decoded(file, format_))


def _decoded(file: BinaryIO, format_: str) -> ImageMetadata:
    _opened(file, format_).verify()
    picture: Any = _opened(file, format_)
    metadata = ImageMetadata(
        format=picture.format,
        width=picture.width,
        height=picture.height,
        mode=picture.mode,
        frames=getattr(picture, "n_frames", 1),
    )
    # A JPEG's data are read whole at an eighth of its size too, for a fraction of the time.
    # https://pillow.readthedocs.io/en/stable/reference/Image.html#PIL.Image.Image.draft
    picture.draft(None, (metadata.width // 8, metadata.height // 8))
    picture.load()
    return metadata


def _opened(file: BinaryIO, format_: str) -> Image.Image:
    file.seek(0)
    return Image.open(file, formats=(format_,))


@contextmanager
def _faults_named() -> Iterator[None]:
    # Pillow only warns between one and two times its pixel limit.
    # https://pillow.readthedocs.io/en/stable/reference/Image.html#PIL.Image.MAX_IMAGE_PIXELS
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            yield
        except (MemoryError, PermissionError):  # the cage's doing, not the file's
            raise
        except UnidentifiedImageError as fault:  # its message names our file object
            raise Unreadable("The content is no picture of its type.") from fault
        except Exception as fault:  # Pillow's plugins raise nearly anything on broken bytes
            raise Unreadable(f"{type(fault).__name__}: {fault}") from fault
