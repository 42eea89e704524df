"""Finds the painters of previews, one module for each kind beside this one; each leaves bounding the picture to here.

A new one is a module here with `KIND` and `paint`. A kind without one has no preview.
"""

import functools
import importlib
import io
import pkgutil
from collections.abc import Mapping
from types import MappingProxyType
from typing import BinaryIO, Protocol, cast

from PIL import Image

from workers.examine.describe import Refused

EDGE = 512
"""Longest side of a preview in pixels."""
_QUALITY = 75
_METHOD = 2  # of 0 (fast) to 6 (small): https://pillow.readthedocs.io/en/stable/handbook/image-file-formats.html#webp


class NoPreview(Exception):
    """The content has nothing to show."""


class Painter(Protocol):
    """What each module in this folder is."""

    KIND: str

    def paint(self, file: BinaryIO, media_type: str) -> Image.Image:
        """Return a picture of the content, of any size and mode; raise NoPreview where there is nothing to show."""

    def prepare(self) -> None:
        """Load what a caged child can no longer open."""


def prepare() -> None:
    """Load whatever a preview needs."""
    for painter in painters().values():
        painter.prepare()


def preview(file: BinaryIO, media_type: str, kind: str) -> bytes:
    """Return a WebP of at most EDGE by EDGE pixels; empty where there is nothing to show."""
    painter = painters().get(kind)
    if painter is None:
        return b""
    try:
        picture = painter.paint(file, media_type)
    except (NoPreview, Refused):
        return b""
    return _encoded(picture)


@functools.cache
def painters() -> Mapping[str, Painter]:
    """Return kind → painter."""
    names = [module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_")]
    modules = [importlib.import_module(f"{__name__}.{name}") for name in names]
    return MappingProxyType({module.KIND: cast("Painter", module) for module in modules})


def _encoded(picture: Image.Image) -> bytes:
    small = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    small.thumbnail((EDGE, EDGE))
    target = io.BytesIO()
    small.save(target, "WEBP", quality=_QUALITY, method=_METHOD)
    return target.getvalue()
