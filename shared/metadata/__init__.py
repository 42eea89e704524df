"""What we tell of a file's content, one model for each kind; it leaves reading the file to workers/examine."""

from typing import Annotated

from pydantic import Field, TypeAdapter

from shared.metadata.data import ArraysMetadata, JsonMetadata, TableMetadata
from shared.metadata.documents import PdfMetadata
from shared.metadata.fields import MAX_TEXT_BYTES, Count, Text
from shared.metadata.media import MAX_STREAMS, AudioMetadata, ImageMetadata, Stream, VideoMetadata
from shared.metadata.text import OtherMetadata, TextMetadata

__all__ = [
    "MAX_STREAMS",
    "MAX_TEXT_BYTES",
    "METADATA",
    "ArraysMetadata",
    "AudioMetadata",
    "Count",
    "ImageMetadata",
    "JsonMetadata",
    "Metadata",
    "OtherMetadata",
    "PdfMetadata",
    "Stream",
    "TableMetadata",
    "Text",
    "TextMetadata",
    "VideoMetadata",
]

Metadata = Annotated[
    VideoMetadata
    | AudioMetadata
    | ImageMetadata
    | PdfMetadata
    | TextMetadata
    | OtherMetadata
    | TableMetadata
    | JsonMetadata
    | ArraysMetadata,
    Field(discriminator="kind"),
]
METADATA: TypeAdapter[Metadata | None] = TypeAdapter(Metadata | None)
"""Reads metadata back from the catalog, where it is JSON."""
