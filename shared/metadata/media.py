"""Video, audio and image: what is told of them; it leaves reading them to workers/examine."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from shared.metadata.fields import Count, Measure, Model, Seconds, Text

MAX_STREAMS = 32
MAX_TAG_CHARACTERS = 128

Tag = Annotated[Text, BeforeValidator(lambda value: value[:MAX_TAG_CHARACTERS] if isinstance(value, str) else value)]
"""A short text, of which many stand in one event of 16 KiB."""


class Location(Model):
    """Where something was taken, by WGS 84; told only where KEEP_LOCATION is set."""

    latitude: float = Field(ge=-90, le=90, description="Degrees, north is positive")
    longitude: float = Field(ge=-180, le=180, description="Degrees, east is positive")
    altitude: float | None = Field(None, gt=-1e6, lt=1e6, description="Metres above sea level")


class Stream(Model):
    """One stream of a container."""

    index: Count = Field(description="Place in the container, from 0")
    type: Text = Field(description="video, audio, subtitle, data or attachment")
    codec: Text | None = Field(None, description="Codec's name in FFmpeg's words")
    language: Text | None = Field(None, description="Language as the container names it, usually ISO 639-2")
    title: Tag | None = Field(None, description="Name of the stream; null where it has none")
    default: bool = Field(default=False, description="Whether players choose it by themselves")
    forced: bool = Field(default=False, description="Whether players show it whatever is chosen")
    profile: Tag | None = Field(None, description="Codec's profile in FFmpeg's words, such as High")
    level: Count | None = Field(None, description="Codec's level as the codec counts it, such as 41 for H.264's 4.1")
    bit_rate: Count | None = Field(None, description="Bits per second where the container or codec tells them")
    width: Count | None = Field(None, description="Pictures: width in pixels as stored")
    height: Count | None = Field(None, description="Pictures: height in pixels as stored")
    frame_rate: Measure | None = Field(None, description="Pictures: average frames in one second")
    pixel_format: Tag | None = Field(None, description="Pictures: pixel format in FFmpeg's words, such as yuv420p")
    bit_depth: Count | None = Field(None, description="Bits of one colour component or sample; null for lossy sound")
    channels: Count | None = Field(None, description="Sound: number of channels")
    channel_layout: Tag | None = Field(None, description="Sound: channels' places in FFmpeg's words, such as 5.1")
    sample_rate: Count | None = Field(None, description="Sound: samples per second (Hz)")


Streams = Annotated[tuple[Stream, ...], Field(max_length=MAX_STREAMS)]
_TRUNCATED = "Whether it ends within something whose length it declares; null in containers that declare none"


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
    streams: Streams = Field((), description=f"The first {MAX_STREAMS} streams in their order")
    rotation: Count | None = Field(None, description="Degrees that players turn the pictures clockwise, 0 to 359")
    display_width: Count | None = Field(None, description="Width as shown: rotated, with square pixels")
    display_height: Count | None = Field(None, description="Height as shown: rotated, with square pixels")
    frames: Count | None = Field(None, description="Number of pictures, where the container tells it")
    hdr: Literal["HDR10", "HLG", "Dolby Vision"] | None = Field(
        None, description="High dynamic range; HDR10 stands for all that uses SMPTE ST 2084; null for none"
    )
    colour_primaries: Tag | None = Field(None, description="Primaries in FFmpeg's words; null where untold")
    colour_transfer: Tag | None = Field(None, description="Transfer characteristics likewise")
    colour_matrix: Tag | None = Field(None, description="Matrix coefficients likewise")
    chapters: Count = Field(0, description="Number of chapters")
    truncated: bool | None = Field(default=False, description=_TRUNCATED)
    title: Text | None = Field(None, description="Title as the container gives it")
    creation_time: Tag | None = Field(None, description="When it was made, ISO 8601 in UTC with a Z; null where untold")
    location: Location | None = Field(None, description="Where it was taken; null unless KEEP_LOCATION is set")


class AudioMetadata(Model):
    """Sound alone; cover pictures do not count."""

    kind: Literal["audio"] = "audio"
    container: Text = Field(description="Container's name in FFmpeg's words")
    codec: Text | None = Field(None, description="Codec of the first sound stream")
    duration_seconds: Seconds | None = Field(None, description="Playing time in seconds")
    channels: Count | None = Field(None, description="Number of channels")
    sample_rate: Count | None = Field(None, description="Samples per second (Hz)")
    bit_rate: Count | None = Field(None, description="Average of the whole container, in bits per second")
    profile: Tag | None = Field(None, description="Codec's profile in FFmpeg's words, such as LC")
    channel_layout: Tag | None = Field(None, description="Channels' places in FFmpeg's words, such as stereo")
    sample_format: Tag | None = Field(None, description="Format of decoded samples in FFmpeg's words, such as fltp")
    bit_depth: Count | None = Field(None, description="Bits of one sample; null for lossy codecs, which have none")
    codec_bit_rate: Count | None = Field(None, description="Bits per second of the sound where it is told")
    has_cover: bool = Field(default=False, description="Whether it carries a picture")
    chapters: Count = Field(0, description="Number of chapters")
    truncated: bool | None = Field(default=False, description=_TRUNCATED)
    title: Text | None = Field(None, description="Title from its tags")
    artist: Text | None = Field(None, description="Artist from its tags")
    album: Text | None = Field(None, description="Album from its tags")
    track: Tag | None = Field(None, description="Track from its tags, such as 3 or 3/12")
    creation_time: Tag | None = Field(None, description="When it was made, ISO 8601 in UTC with a Z; null where untold")
    location: Location | None = Field(None, description="Where it was recorded; null unless KEEP_LOCATION is set")


class Exif(Model):
    """What a camera says of a picture: https://www.cipa.jp/std/documents/download_e.html?DC-008-Translation-2023-E."""

    make: Tag | None = Field(None, description="Maker of the camera")
    model: Tag | None = Field(None, description="Camera")
    lens: Tag | None = Field(None, description="Lens")
    software: Tag | None = Field(None, description="Program that wrote the picture")
    taken_at: Tag | None = Field(None, description="When it was taken, ISO 8601; without a zone where none is told")
    exposure_seconds: Seconds | None = Field(None, description="Exposure time in seconds")
    f_number: Measure | None = Field(None, description="Aperture as an f-number")
    iso: Count | None = Field(None, description="Sensitivity")
    focal_length_mm: Measure | None = Field(None, description="Focal length in millimetres")
    flash: bool | None = Field(None, description="Whether the flash fired")


class ImageMetadata(Model):
    """A picture, or a sequence of them in one file."""

    kind: Literal["image"] = "image"
    format: Text = Field(description="Format in Pillow's words, such as PNG")
    width: Count = Field(description="Width in pixels as stored, before any rotation")
    height: Count = Field(description="Height in pixels as stored, before any rotation")
    mode: Text = Field(description="Pixel mode in Pillow's words, such as RGB")
    frames: Count | None = Field(None, description="Number of pictures")
    animated: bool = Field(default=False, description="Whether its pictures follow each other in time")
    duration_seconds: Seconds | None = Field(None, description="Playing time of one round; null for still pictures")
    colour_profile: Tag | None = Field(None, description="Description of its ICC profile; null without one")
    bit_depth: Count | None = Field(None, description="Bits of one colour component or palette index")
    has_alpha: bool | None = Field(None, description="Whether it has transparency")
    orientation: Count | None = Field(None, le=8, description="EXIF orientation, 1 to 8; null where untold")
    display_width: Count | None = Field(None, description="Width as shown, after the orientation")
    display_height: Count | None = Field(None, description="Height as shown, after the orientation")
    dpi: Measure | None = Field(None, description="Pixels per inch across; null where untold")
    exif: Exif | None = Field(None, description="What the camera says; null where it says nothing")
    location: Location | None = Field(None, description="Where it was taken; null unless KEEP_LOCATION is set")
