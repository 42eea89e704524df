"""The kind of everything that we do not look into; size and type are told elsewhere."""

from typing import BinaryIO

from shared.metadata import OtherMetadata
from workers.examine.describe import Described

KIND = "other"


def prepare() -> None:
    """Nothing is needed."""


def describe(file: BinaryIO, media_type: str) -> Described:
    """Return empty metadata."""
    del file, media_type
    return Described(OtherMetadata())
