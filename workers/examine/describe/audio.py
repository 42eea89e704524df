"""Sound, by PyAV; it leaves files with pictures to video.py."""

from typing import BinaryIO

from av.container import InputContainer

from shared.metadata import AudioMetadata
from workers.examine.describe import Described, Unreadable
from workers.examine.describe._streams import codec, container_name, duration, opened, prepare, sounds

__all__ = ["KIND", "describe", "describe_sound", "prepare"]

KIND = "audio"


def describe(file: BinaryIO, media_type: str) -> Described:
    """Return the first sound stream's metadata."""
    with opened(file, media_type) as container:
        return describe_sound(container, media_type)


def describe_sound(container: InputContainer, media_type: str) -> Described:
    """Return an open container's sound; raise Unreadable where it has none."""
    found = sounds(container)
    if not found or not found[0].sample_rate:
        raise Unreadable("The file holds neither moving pictures nor sound.")
    sound = found[0]
    metadata = AudioMetadata(
        container=container_name(media_type),
        codec=codec(sound),
        duration_seconds=duration(container, found),
        channels=sound.channels or None,
        sample_rate=sound.sample_rate,
        bit_rate=container.bit_rate or None,
    )
    return Described.of(metadata)
