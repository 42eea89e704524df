"""Moving pictures, by PyAV; a container that turns out to hold sound alone it leaves to audio.py."""

from typing import Any, BinaryIO

from av.container import InputContainer

from shared.metadata import VideoMetadata
from workers.examine.describe import Described
from workers.examine.describe._streams import (
    codec,
    container_name,
    duration,
    listed,
    opened,
    pictures,
    prepare,
    sounds,
)
from workers.examine.describe.audio import describe_sound

__all__ = ["KIND", "describe", "prepare"]

KIND = "video"

_OF_SOUND = frozenset({"audio_codec", "channels", "sample_rate"})


def describe(file: BinaryIO, media_type: str) -> Described:
    """Return the container's metadata and its first picture and sound streams'."""
    with opened(file, media_type) as container:
        found = pictures(container)
        return _describe_pictures(container, found, media_type) if found else describe_sound(container, media_type)


def _describe_pictures(container: InputContainer, found: list[Any], media_type: str) -> Described:
    picture, sound = found[0], next(iter(sounds(container)), None)
    metadata = VideoMetadata(
        container=container_name(media_type),
        duration_seconds=duration(container, found),
        width=picture.width or None,
        height=picture.height or None,
        frame_rate=round(float(picture.average_rate), 6) if picture.average_rate else None,
        bit_rate=container.bit_rate or None,
        video_codec=codec(picture),
        audio_codec=codec(sound) if sound else None,
        channels=(sound.channels or None) if sound else None,
        sample_rate=(sound.sample_rate or None) if sound else None,
        streams=listed(container),
    )
    return Described.of(metadata, absent=frozenset() if sound else _OF_SOUND)
