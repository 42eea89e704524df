"""What we tell of a file's content, one model for each kind; it leaves reading the file to workers/examine."""

from typing import Annotated, get_args

from pydantic import Field, TypeAdapter

from shared.metadata.archive import MAX_ENTRY_NAMES, ArchiveMetadata
from shared.metadata.data import ArraysMetadata, JsonMetadata, TableMetadata
from shared.metadata.documents import MAX_NAMES, AttachedFile, EmailMetadata, OfficeMetadata, PdfMetadata
from shared.metadata.fields import MAX_TEXT_BYTES, Count, Text
from shared.metadata.media import MAX_STREAMS, AudioMetadata, Exif, ImageMetadata, Location, Stream, VideoMetadata
from shared.metadata.text import OtherMetadata, TextMetadata

__all__ = [
    "KINDS",
    "MAX_ENTRY_NAMES",
    "MAX_NAMES",
    "MAX_STREAMS",
    "MAX_TEXT_BYTES",
    "METADATA",
    "ArchiveMetadata",
    "ArraysMetadata",
    "AttachedFile",
    "AudioMetadata",
    "Count",
    "EmailMetadata",
    "Exif",
    "ImageMetadata",
    "JsonMetadata",
    "Location",
    "Metadata",
    "OfficeMetadata",
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
    | OfficeMetadata
    | EmailMetadata
    | ArchiveMetadata
    | TableMetadata
    | JsonMetadata
    | ArraysMetadata
    | TextMetadata
    | OtherMetadata,
    Field(discriminator="kind"),
]
KINDS = tuple(str(model.model_fields["kind"].default) for model in get_args(get_args(Metadata)[0]))
METADATA: TypeAdapter[Metadata | None] = TypeAdapter(Metadata | None)
"""Reads metadata back from the catalog, where it is JSON."""
