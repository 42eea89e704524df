"""Documents: what is told of them; it leaves reading them to workers/examine."""

from typing import Literal

from pydantic import Field

from shared.metadata.fields import Count, Measure, Model, Text


class PdfMetadata(Model):
    """A PDF; where it opens with a password alone, only that is told."""

    kind: Literal["pdf"] = "pdf"
    encrypted: bool = Field(description="Whether a password is needed to read it")
    pages: Count | None = Field(None, description="Number of pages")
    version: Text | None = Field(None, description="Version of the format that the file claims, such as 1.7")
    title: Text | None = Field(None, description="Title as the document gives it; null where it gives none")
    author: Text | None = Field(None, description="Author as the document gives it; null where it gives none")
    producer: Text | None = Field(None, description="Program that wrote it; null where it names none")
    page_width: Measure | None = Field(None, description="Width of the first page in points (1/72 inch)")
    page_height: Measure | None = Field(None, description="Height of the first page in points (1/72 inch)")
    has_text: bool | None = Field(None, description="Whether the first 8 pages hold any character; a scan has none")
    signatures: Count | None = Field(None, description="Number of digital signatures; none of them is verified")
    attachments: Count | None = Field(None, description="Number of embedded files")
    tagged: bool | None = Field(None, description="Whether it is tagged for accessibility")
