"""Sound, by PyAV; it leaves files with pictures to video.py."""

from typing import Any, BinaryIO

from shared.metadata import AudioMetadata
from workers.examine.describe import Described, Unreadable
from workers.examine.describe._streams import (
    Opened,
    bit_depth,
    bit_rate,
    channel_layout,
    codec,
    duration,
    known,
    opened,
    prepare,
    sounds,
)
from workers.examine.describe._tags import tags_of

__all__ = ["KIND", "describe", "describe_sound", "prepare"]

KIND = "audio"

_OFTEN_UNTOLD = frozenset({"profile", "truncated", "channel_layout", "bit_depth", "codec_bit_rate"})


def describe(file: BinaryIO, media_type: str) -> Described:
    """Return the first sound stream's metadata."""
    with opened(file, media_type) as media:
        return describe_sound(media)


def describe_sound(media: Opened) -> Described:
    """Return an open container's sound; raise Unreadable where it has none."""
    found = sounds(media.container)
    if not found or (found[0].codec_context and not found[0].sample_rate):
        raise Unreadable("The file holds neither moving pictures nor sound.")
    sound = found[0]
    tags = tags_of(media.container, sound)
    metadata = AudioMetadata(
        container=media.name,
        codec=codec(sound),
        duration_seconds=duration(media.container, found),
        channels=known(sound, "channels"),
        sample_rate=known(sound, "sample_rate"),
        bit_rate=media.container.bit_rate or None,
        profile=sound.profile,
        channel_layout=channel_layout(sound),
        sample_format=_sample_format(sound),
        bit_depth=bit_depth(sound),
        codec_bit_rate=bit_rate(sound),
        has_cover=bool(media.container.streams.video),
        chapters=len(media.container.chapters()),
        truncated=media.truncated,
        title=tags.get("title"),
        artist=tags.get("artist"),
        album=tags.get("album"),
        track=tags.get("track"),
        creation_time=tags.creation_time,
        location=tags.location,
    )
    return Described.of(metadata, *media.warnings(), absent=_OFTEN_UNTOLD | tags.missing())


def _sample_format(sound: Any) -> str | None:
    told = known(sound, "format")
    return told.name if told else None
