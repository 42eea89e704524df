"""Films in every container that people send."""

from typing import Any

import pytest

from tests.corpus.formats.media import HEIGHT, RATE, SAMPLE_RATE, WIDTH, film
from tests.corpus.items import good

UNCHECKED = ("bit_rate", "level")
"""Depend on the encoders' versions."""
PADDED = pytest.approx(1.0, abs=0.15)
"""The playing time where whole packets of sound make it longer than it was."""


def picture(codec: str, **more: Any) -> dict[str, Any]:
    """Return what is told of the pictures' stream."""
    shape = {"width": WIDTH, "height": HEIGHT, "frame_rate": float(RATE), "pixel_format": "yuv420p", "bit_depth": 8}
    return {"index": 0, "type": "video", "codec": codec, "default": False, "forced": False, **shape, **more}


def sound(codec: str, rate: int = SAMPLE_RATE, **more: Any) -> dict[str, Any]:
    """Return what is told of the sound's stream."""
    heard = {"channels": 2, "channel_layout": "stereo", "sample_rate": rate}
    return {"index": 1, "type": "audio", "codec": codec, "default": False, "forced": False, **heard, **more}


def told(container: str, *streams: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return what is told of one second of film with these streams."""
    seen = {"width": WIDTH, "height": HEIGHT, "display_width": WIDTH, "display_height": HEIGHT, "rotation": 0}
    facts = {"kind": "video", "container": container, "frame_rate": float(RATE), "chapters": 0, "truncated": False}
    for stream in streams:
        facts[f"{stream['type']}_codec"] = stream["codec"]
        facts |= {name: stream[name] for name in ("channels", "sample_rate") if name in stream}
    listed = sorted(streams, key=lambda stream: stream["index"])
    told = {**facts, **seen, "duration_seconds": PADDED, "streams": listed, **more}
    return {name: value for name, value in told.items() if value is not None}


MAIN = {"language": "und", "default": True}


@good(
    "an MP4 with sound",
    "clip.mp4",
    "video/mp4",
    "video/mp4",
    told(
        "mp4",
        picture("h264", profile="High", **MAIN),
        sound("aac", profile="LC", **MAIN),
        frames=10,
        duration_seconds=1.0,
        title="A clip",
    ),
    unchecked=UNCHECKED,
)
def mp4() -> bytes:
    return film("mp4", "libx264", "aac", tags={"title": "A clip"})


@good(
    "a QuickTime film with plain samples",
    "clip.mov",
    "video/quicktime",
    "video/quicktime",
    told(
        "mov",
        picture("h264", profile="High", default=True),
        sound("pcm_s16le", bit_depth=16, default=True),
        frames=10,
        duration_seconds=1.0,
    ),
    unchecked=UNCHECKED,
)
def mov() -> bytes:
    return film("mov", "libx264", "pcm_s16le")


@good(
    "a film from an older phone",
    "clip.3gp",
    "video/3gpp",
    "video/3gpp",
    told("3gp", picture("mpeg4", profile="Simple Profile", **MAIN), frames=10, duration_seconds=1.0),
    unchecked=UNCHECKED,
)
def mobile() -> bytes:
    return film("3gp", "mpeg4")


@good(
    "a WebM film",
    "clip.webm",
    "video/webm",
    "video/webm",
    told("webm", picture("vp9", profile="Profile 0"), sound("opus", 48_000)),
    unchecked=UNCHECKED,
)
def webm() -> bytes:
    return film("webm", "libvpx-vp9", "libopus")


@good(
    "a Matroska film in HEVC",
    "clip.mkv",
    "video/x-matroska",
    "video/x-matroska",
    told("matroska", picture("hevc", profile="Main"), sound("opus", 48_000)),
    unchecked=UNCHECKED,
)
def matroska() -> bytes:
    return film("matroska", "libx265", "libopus")


@good(
    "an AVI film",
    "clip.avi",
    "video/x-msvideo",
    "video/x-msvideo",
    told("avi", picture("mpeg4", profile="Simple Profile"), sound("mp3"), frames=11),
    unchecked=UNCHECKED,
)
def avi() -> bytes:
    return film("avi", "mpeg4", "libmp3lame")


@good(
    "an MPEG transport stream",
    "clip.ts",
    "video/mp2t",
    "video/mp2t",
    told("mpegts", picture("mpeg2video", profile="Main"), sound("aac", profile="LC")),
    unchecked=UNCHECKED,
)
def transport_stream() -> bytes:
    return film("mpegts", "mpeg2video", "aac")


@good(
    "a Flash film",
    "clip.flv",
    "video/x-flv",
    "video/x-flv",
    told("flv", picture("flv1", index=1), sound("mp3", index=0)),
    unchecked=UNCHECKED,
)
def flash() -> bytes:
    return film("flv", "flv", "libmp3lame")


@good(
    "a Windows Media film",
    "clip.wmv",
    "video/x-ms-wmv",
    "video/x-ms-asf",
    told("asf", picture("wmv2"), {name: value for name, value in sound("wmav2").items() if name != "channel_layout"}),
    unchecked=UNCHECKED,
)
def windows_media() -> bytes:
    return film("asf", "wmv2", "wmav2")


@good(
    "an MPEG program stream",
    "clip.mpg",
    "video/mpeg",
    "video/mpeg",
    told("mpeg", picture("mpeg2video", profile="Main"), sound("mp2"), truncated=None),
    unchecked=UNCHECKED,
)
def program_stream() -> bytes:
    return film("mpeg", "mpeg2video", "mp2")
