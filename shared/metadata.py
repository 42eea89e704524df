"""What we tell of a file's content, one model for each kind; it leaves reading the file to workers/examine."""

import unicodedata
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

MAX_TEXT_BYTES = 4096
MAX_STREAMS = 64


def clean(value: object) -> object:
    """Drop control and format characters of a string and cut it to 4 KiB; leave anything else to its validator."""
    if not isinstance(value, str):
        return value
    printable = "".join(c for c in value[:MAX_TEXT_BYTES] if unicodedata.category(c)[0] != "C")
    return printable.encode()[:MAX_TEXT_BYTES].decode(errors="ignore")


Text = Annotated[str, BeforeValidator(clean)]
# JSON numbers beyond 2^53 lose digits in many readers: https://www.rfc-editor.org/rfc/rfc8259#section-6
Count = Annotated[int, Field(ge=0, lt=2**53)]
Seconds = Annotated[float, Field(ge=0, lt=2**53, allow_inf_nan=False)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Stream(_Model):
    """One stream of a container."""

    index: Count = Field(description="Place in the container, from 0")
    type: Text = Field(description="video, audio, subtitle, data or attachment")
    codec: Text | None = Field(None, description="Codec's name in FFmpeg's words")
    language: Text | None = Field(None, description="Language as the container names it, usually ISO 639-2")


Streams = Annotated[tuple[Stream, ...], Field(max_length=MAX_STREAMS)]


class VideoMetadata(_Model):
    """Moving pictures, with or without sound."""

    kind: Literal["video"] = "video"
    container: Text = Field(description="Container's name in FFmpeg's words")
    duration_seconds: Seconds | None = Field(None, description="Playing time in seconds")
    width: Count | None = Field(None, description="Width in pixels as stored, before any rotation")
    height: Count | None = Field(None, description="Height in pixels as stored, before any rotation")
    frame_rate: Seconds | None = Field(None, description="Average frames in one second")
    bit_rate: Count | None = Field(None, description="Average of the whole container, in bits per second")
    video_codec: Text | None = Field(None, description="Codec of the first picture stream")
    audio_codec: Text | None = Field(None, description="Codec of the first sound stream; null without sound")
    channels: Count | None = Field(None, description="Channels of the first sound stream; null without sound")
    sample_rate: Count | None = Field(None, description="Its samples per second (Hz); null without sound")
    streams: Streams = Field((), description="The first 64 streams in their order")


class AudioMetadata(_Model):
    """Sound alone; cover pictures do not count."""

    kind: Literal["audio"] = "audio"
    container: Text = Field(description="Container's name in FFmpeg's words")
    codec: Text | None = Field(None, description="Codec of the first sound stream")
    duration_seconds: Seconds | None = Field(None, description="Playing time in seconds")
    channels: Count | None = Field(None, description="Number of channels")
    sample_rate: Count | None = Field(None, description="Samples per second (Hz)")
    bit_rate: Count | None = Field(None, description="Average of the whole container, in bits per second")


class ImageMetadata(_Model):
    """A picture, or a sequence of them in one file."""

    kind: Literal["image"] = "image"
    format: Text = Field(description="Format in Pillow's words, such as PNG")
    width: Count = Field(description="Width in pixels as stored, before any rotation")
    height: Count = Field(description="Height in pixels as stored, before any rotation")
    mode: Text = Field(description="Pixel mode in Pillow's words, such as RGB")
    frames: Count = Field(description="Number of pictures")


class TextMetadata(_Model):
    """Anything that reads as characters."""

    kind: Literal["text"] = "text"
    encoding: Text | None = Field(None, description="Character encoding by Python's name, such as utf-8")
    lines: Count | None = Field(None, description="Number of lines; a last one without line end counts")
    longest_line: Count | None = Field(None, description="Length of the longest line in characters")


class OtherMetadata(_Model):
    """A content that we do not look into; its size and type stand beside the metadata."""

    kind: Literal["other"] = "other"


Metadata = Annotated[
    VideoMetadata | AudioMetadata | ImageMetadata | TextMetadata | OtherMetadata,
    Field(discriminator="kind"),
]
