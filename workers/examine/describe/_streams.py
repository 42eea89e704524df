"""Containers of streams, opened by PyAV with one forced demuxer; it leaves the models to video.py and audio.py."""

import importlib
import pkgutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import av
from av.container import InputContainer
from av.stream import Disposition

from shared.metadata import MAX_STREAMS, Stream
from workers.examine.describe import Unreadable
from workers.examine.describe._boxes import missing_bytes

_CONTAINERS = {
    "application/ogg": "ogg",
    "application/vnd.ms-asf": "asf",
    "audio/aac": "aac",
    "audio/aiff": "aiff",
    "audio/amr": "amr",
    "audio/flac": "flac",
    "audio/mp4": "mp4",
    "audio/mpeg": "mp3",
    "audio/ogg": "ogg",
    "audio/wav": "wav",
    "video/3gpp": "3gp",
    "video/3gpp2": "3g2",
    "video/mp2t": "mpegts",
    "video/mp4": "mp4",
    "video/mpeg": "mpeg",
    "video/ogg": "ogg",
    "video/quicktime": "mov",
    "video/webm": "webm",
    "video/x-flv": "flv",
    "video/x-matroska": "matroska",
    "video/x-ms-asf": "asf",
    "video/x-msvideo": "avi",
}

# The rest have a demuxer of their own name.
_DEMUXERS = {"3g2": "mov", "3gp": "mov", "mp4": "mov", "webm": "matroska"}


def prepare() -> None:
    """Load all of PyAV, since it imports the modules of streams on first use."""
    for module in pkgutil.walk_packages(av.__path__, "av."):
        if module.name != "av.__main__":
            importlib.import_module(module.name)


@contextmanager
def opened(file: BinaryIO, media_type: str) -> Iterator[InputContainer]:
    """Open the container with the one demuxer of its type and without any protocol."""
    name = container_name(media_type)
    # Probing would let a text choose the playlist demuxers, which open other files and addresses.
    # https://ffmpeg.org/ffmpeg-formats.html#concat-1
    demuxer = _DEMUXERS.get(name, name)
    if demuxer == "mov" and (missing := missing_bytes(file)):
        raise Unreadable(f"The file is cut: its last box lacks {missing} bytes.")
    file.seek(0)
    options = {"protocol_whitelist": "", "format_whitelist": demuxer, "threads": "1"}
    try:
        with av.open(file, "r", format=demuxer, options=options, metadata_errors="replace") as container:
            yield container
    except (MemoryError, PermissionError):  # the cage's doing, not the file's
        raise
    except av.FFmpegError as fault:
        raise Unreadable(f"{type(fault).__name__}: {fault.strerror}") from fault


def container_name(media_type: str) -> str:
    """Return the container's name in FFmpeg's words; raise Unreadable where we know none."""
    if media_type not in _CONTAINERS:
        raise Unreadable(f"No demuxer reads {media_type}.")
    return _CONTAINERS[media_type]


def pictures(container: InputContainer) -> list[Any]:
    """Return the streams of moving pictures: a cover is none."""
    return [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]


def sounds(container: InputContainer) -> list[Any]:
    """Return the streams of sound."""
    return list(container.streams.audio)


def listed(container: InputContainer) -> tuple[Stream, ...]:
    """Return the first streams as the metadata lists them."""
    return tuple(
        Stream(index=s.index, type=s.type, codec=codec(s), language=s.language)
        for s in list(container.streams)[:MAX_STREAMS]
    )


def codec(stream: Any) -> str | None:
    """Return the codec's canonical name: FFmpeg may hold decoders of other names for it."""
    context = stream.codec_context
    return context.codec.canonical_name if context else None


def duration(container: InputContainer, streams: list[Any]) -> float | None:
    """Return the container's playing time in seconds, else its first stream's."""
    if container.duration and container.duration > 0:
        return round(container.duration / av.time_base, 6)
    if streams and streams[0].duration and streams[0].time_base:
        return round(float(streams[0].duration * streams[0].time_base), 6)
    return None
