"""Moving pictures, by PyAV; a container that turns out to hold sound alone it leaves to audio.py."""

from typing import Any, BinaryIO

from shared.metadata import VideoMetadata
from workers.examine.describe import Described
from workers.examine.describe._pictures import colours, display_size, first_frame, hdr, rotation
from workers.examine.describe._streams import (
    Opened,
    codec,
    duration,
    frame_rate,
    known,
    listed,
    opened,
    pictures,
    prepare,
    sounds,
)
from workers.examine.describe._tags import tags_of
from workers.examine.describe.audio import describe_sound

__all__ = ["KIND", "describe", "prepare"]

KIND = "video"

_OF_SOUND = frozenset({"audio_codec", "channels", "sample_rate"})
_OFTEN_UNTOLD = frozenset({"hdr", "truncated", "colour_primaries", "colour_transfer", "colour_matrix", "frames"})


def describe(file: BinaryIO, media_type: str) -> Described:
    """Return the container's metadata and its first picture and sound streams'."""
    with opened(file, media_type) as media:
        found = pictures(media.container)
        return _describe_pictures(media, found) if found else describe_sound(media)


def _describe_pictures(media: Opened, found: list[Any]) -> Described:
    picture, sound = found[0], next(iter(sounds(media.container)), None)
    tags = tags_of(media.container)
    metadata = VideoMetadata(
        container=media.name,
        duration_seconds=duration(media.container, found),
        width=known(picture, "width"),
        height=known(picture, "height"),
        frame_rate=frame_rate(picture),
        bit_rate=media.container.bit_rate or None,
        video_codec=codec(picture),
        audio_codec=codec(sound) if sound else None,
        channels=known(sound, "channels") if sound else None,
        sample_rate=known(sound, "sample_rate") if sound else None,
        streams=listed(media.container),
        frames=picture.frames or None,
        chapters=len(media.container.chapters()),
        truncated=media.truncated,
        title=tags.get("title"),
        creation_time=tags.creation_time,
        location=tags.location,
        **_shown(media, picture),
    )
    absent = _OFTEN_UNTOLD | tags.missing() | (frozenset() if sound else _OF_SOUND)
    return Described.of(metadata, *media.warnings(), absent=absent)


def _shown(media: Opened, picture: Any) -> dict[str, Any]:
    """Return how players show the pictures."""
    frame = first_frame(media.container, picture)
    turned = rotation(frame) if frame else None
    width, height = display_size(picture, turned)
    shown = {"rotation": turned, "display_width": width, "display_height": height, "hdr": hdr(picture, frame)}
    return shown | colours(picture)
