"""The thumbnail that an office document carries; it leaves drawing pages to office programs."""

import io
import zipfile
import zlib
from typing import BinaryIO

from PIL import Image

from workers.examine.describe.image import faults_named
from workers.examine.preview import EDGE, NoPreview
from workers.examine.preview.image import MAX_PIXELS_ELSE

KIND = "office"

_MAX_BYTES = 4 * 1024 * 1024
# ECMA-376 part 2, section 8.2 leaves the name to the package; these are what office programs write.
# OpenDocument 1.3 part 2, section 3.8 names its own.
_NAMES = ("docProps/thumbnail.jpeg", "docProps/thumbnail.png", "Thumbnails/thumbnail.png")


def prepare() -> None:
    """Nothing is needed: the describer of pictures loads Pillow's plugins."""


def paint(file: BinaryIO, media_type: str) -> Image.Image:
    """Return the thumbnail."""
    del media_type
    try:
        data = _thumbnail(file)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, RuntimeError, ValueError) as fault:
        raise NoPreview from fault
    with faults_named():
        picture = Image.open(io.BytesIO(data), formats=("JPEG", "PNG"))
        if picture.width * picture.height <= MAX_PIXELS_ELSE:
            picture.load()
            picture.thumbnail((EDGE, EDGE))
            return picture
    raise NoPreview


def _thumbnail(file: BinaryIO) -> bytes:
    with zipfile.ZipFile(file) as package:
        for name in set(_NAMES) & set(package.namelist()):
            with package.open(name) as entry:
                return entry.read(_MAX_BYTES)
    raise NoPreview
