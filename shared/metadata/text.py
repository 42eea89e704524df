"""Text, and whatever else we do not look into; it leaves reading them to workers/examine."""

from typing import Literal

from pydantic import Field

from shared.metadata.fields import Count, Model, Text


class TextMetadata(Model):
    """Anything that reads as characters."""

    kind: Literal["text"] = "text"
    encoding: Text | None = Field(None, description="Character encoding by Python's name, such as utf-8")
    language: Text | None = Field(
        None, description="Language as ISO 639-1, from its beginning; null where it is not clear"
    )
    lines: Count | None = Field(None, description="Number of lines; a last one without line end counts")
    longest_line: Count | None = Field(None, description="Length of the longest line in characters")


class OtherMetadata(Model):
    """A content that we do not look into; its size and type stand beside the metadata."""

    kind: Literal["other"] = "other"
