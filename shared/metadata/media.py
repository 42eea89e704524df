"""Video, audio and image: what is told of them; it leaves reading them to workers/examine."""

from typing import Annotated, Literal

from pydantic import Field

from shared.metadata.fields import Count, Model, Seconds, Text

MAX_STREAMS = 64


class Stream(Model):
    """One stream of a container."""

    index: Count = Field(description="Place in the container, from 0")
    type: Text = Field(description="video, audio, subtitle, data or attachment")
    codec: Text | None = Field(None, description="Codec's name in FFmpeg's words")
    language: Text | None = Field(None, description="Language as the container names it, usually ISO 639-2")


Streams = Annotated[tuple[Stream, ...], Field(max_length=MAX_STREAMS)]


class VideoMetadata(Model):
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


class AudioMetadata(Model):
    """Sound alone; cover pictures do not count."""

    kind: Literal["audio"] = "audio"
    container: Text = Field(description="Container's name in FFmpeg's words")
    codec: Text | None = Field(None, description="Codec of the first sound stream")
    duration_seconds: Seconds | None = Field(None, description="Playing time in seconds")
    channels: Count | None = Field(None, description="Number of channels")
    sample_rate: Count | None = Field(None, description="Samples per second (Hz)")
    bit_rate: Count | None = Field(None, description="Average of the whole container, in bits per second")


class ImageMetadata(Model):
    """A picture, or a sequence of them in one file."""

    kind: Literal["image"] = "image"
    format: Text = Field(description="Format in Pillow's words, such as PNG")
    width: Count = Field(description="Width in pixels as stored, before any rotation")
    height: Count = Field(description="Height in pixels as stored, before any rotation")
    mode: Text = Field(description="Pixel mode in Pillow's words, such as RGB")
    frames: Count = Field(description="Number of pictures")
