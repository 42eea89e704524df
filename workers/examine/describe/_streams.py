"""Containers of streams, opened by PyAV with one forced demuxer; it leaves the models to video.py and audio.py."""

import errno
import importlib
import pkgutil
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO

import av
from av.container import InputContainer
from av.stream import Disposition

from shared.metadata import MAX_STREAMS, Stream
from workers.examine.describe import Unreadable, _truncation
from workers.examine.describe._boxes import has_whole_index

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

_ESTIMATED = "Estimating duration from bitrate"  # libavformat/demux.c
_UNKNOWN_LEVEL = -99
# MPEG-1 says "variable" by the largest number of 400 bits a second that fits: ISO/IEC 11172-2, section 2.4.3.2.
_VARIABLE_BIT_RATE = 0x3FFFF * 400


@dataclass(frozen=True, slots=True)
class Opened:
    """An open container, and what FFmpeg does not tell of it or tells in its log alone."""

    container: InputContainer
    name: str
    truncated: bool | None
    estimated: bool
    """Whether the duration was inferred from size and bit rate."""

    def warnings(self) -> Iterator[str]:
        """Yield in words what a reader of the metadata should know."""
        if self.truncated:
            yield "the file is cut: it ends within something whose length it declares"
        if self.estimated:
            yield "duration_seconds is estimated from the bit rate"


def prepare() -> None:
    """Load all of PyAV, since it imports the modules of streams on first use."""
    for module in pkgutil.walk_packages(av.__path__, "av."):
        if module.name != "av.__main__":
            importlib.import_module(module.name)


@contextmanager
def opened(file: BinaryIO, media_type: str) -> Iterator[Opened]:
    """Open the container with the one demuxer of its type and without any protocol."""
    name = container_name(media_type)
    if _DEMUXERS.get(name, name) == "mov" and not has_whole_index(file):
        raise Unreadable("The file is cut: its index (moov) is missing or not whole.")
    truncated = _truncation.is_cut(file, name)
    try:
        container, logs = _open(file, _DEMUXERS.get(name, name))
        with container:
            yield Opened(container, name, truncated, any(_ESTIMATED in message for _, _, message in logs))
    except av.error.PermissionError as fault:  # FFmpeg's, where a file names another one
        raise Unreadable("It asks for something outside of itself.") from fault
    except (MemoryError, PermissionError):  # the cage's doing, not the file's
        raise
    except av.FFmpegError as fault:
        raise Unreadable(f"{type(fault).__name__}: {fault.strerror}") from fault
    except OSError as fault:
        if fault.errno != errno.EINVAL:
            raise
        raise Unreadable("It points to before its own beginning.") from fault  # where FFmpeg seeks to, unasked


def _open(file: BinaryIO, demuxer: str) -> tuple[InputContainer, list[tuple[int, str, str]]]:
    """Return the container and what FFmpeg logged while it looked for the streams."""
    file.seek(0)
    # Probing would let a text choose the playlist demuxers, which open other files and addresses.
    # https://ffmpeg.org/ffmpeg-formats.html#concat-1
    options = {"protocol_whitelist": "", "format_whitelist": demuxer, "threads": "1"}
    av.logging.set_level(av.logging.WARNING)
    try:
        with av.logging.Capture() as logs:
            return av.open(file, "r", format=demuxer, options=options, metadata_errors="replace"), logs
    finally:
        av.logging.set_level(None)


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
    return tuple(_listed(stream) for stream in list(container.streams)[:MAX_STREAMS])


def _listed(stream: Any) -> Stream:
    return Stream(
        index=stream.index,
        type=stream.type,
        codec=codec(stream),
        language=stream.language,
        title=stream.metadata.get("title") or stream.metadata.get("name"),
        default=bool(stream.disposition & Disposition.default),
        forced=bool(stream.disposition & Disposition.forced),
        profile=stream.profile,
        bit_depth=bit_depth(stream),
        bit_rate=bit_rate(stream),
        **_by_type(stream),
    )


def _by_type(stream: Any) -> dict[str, Any]:
    """Return what pictures have and sound has not, or the other way round."""
    if stream.type == "video":
        level = known(stream, "level")
        return {
            "level": level if level != _UNKNOWN_LEVEL else None,
            "width": known(stream, "width"),
            "height": known(stream, "height"),
            "frame_rate": frame_rate(stream),
            "pixel_format": known(stream, "pix_fmt"),
        }
    if stream.type == "audio":
        return {
            "channels": known(stream, "channels"),
            "channel_layout": channel_layout(stream),
            "sample_rate": known(stream, "sample_rate"),
        }
    return {}


def codec(stream: Any) -> str | None:
    """Return the codec's canonical name: FFmpeg may hold decoders of other names for it."""
    context = stream.codec_context
    return context.codec.canonical_name if context else None


def known(stream: Any, name: str) -> Any:
    """Return a property of the stream's codec; None where it has no value, or FFmpeg no decoder."""
    return (getattr(stream.codec_context, name) or None) if stream.codec_context else None


def frame_rate(picture: Any) -> float | None:
    """Return the average number of frames in one second."""
    return round(float(picture.average_rate), 6) if picture.average_rate else None


def bit_rate(stream: Any) -> int | None:
    """Return the stream's bits per second as its container or codec tells them."""
    told = known(stream, "bit_rate") if stream.type in {"video", "audio"} else None
    return told if told != _VARIABLE_BIT_RATE else None


def channel_layout(sound: Any) -> str | None:
    """Return the places of the channels, None where only their number is known."""
    layout = known(sound, "layout")
    name = layout.name if layout else None
    return name if name and not re.fullmatch(r"\d+ channels?", name) else None


def bit_depth(stream: Any) -> int | None:
    """Return the bits of one colour component, or of one sample of a codec without loss."""
    context = stream.codec_context
    if stream.type == "video" and context and context.format:
        return int(context.format.components[0].bits)
    return _sample_bits(stream) if stream.type == "audio" and context else None


def _sample_bits(sound: Any) -> int | None:
    name, extradata = codec(sound) or "", sound.codec_context.extradata or b""
    if told := re.match(r"pcm_[a-z](\d+)", name):
        return int(told[1])
    if name == "flac" and len(extradata) >= 14:  # noqa: PLR2004
        # Five bits of STREAMINFO hold one less than the number: RFC 9639, section 8.2.
        return (int.from_bytes(extradata[12:14], "big") >> 4 & 0x1F) + 1
    if name == "alac" and len(extradata) >= 18:  # noqa: PLR2004
        return extradata[17]  # https://github.com/macosforge/alac/blob/master/ALACMagicCookieDescription.txt
    return None


def duration(container: InputContainer, streams: list[Any]) -> float | None:
    """Return the container's playing time in seconds, else its first stream's."""
    if container.duration and container.duration > 0:
        return round(container.duration / av.time_base, 6)
    if streams and streams[0].duration and streams[0].time_base:
        return round(float(streams[0].duration * streams[0].time_base), 6)
    return None
