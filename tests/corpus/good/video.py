"""Films in every container that people send."""

from typing import Any

from tests.corpus.formats.media import HEIGHT, RATE, WIDTH, film
from tests.corpus.items import good

UNCHECKED = ("bit_rate",)
"""Depends on the encoders' versions."""


def told(container: str, picture: str, sound: str | None = None, rate: int = 44_100, **more: Any) -> dict[str, Any]:
    """Return what is told of one second of film."""
    heard = {"audio_codec": sound, "channels": 2, "sample_rate": rate} if sound else {}
    seen = {"kind": "video", "container": container, "width": WIDTH, "height": HEIGHT, "frame_rate": float(RATE)}
    return {**seen, "video_codec": picture, "duration_seconds": 1.0, **heard, **more}


@good("an MP4 with sound", "clip.mp4", "video/mp4", "video/mp4", told("mp4", "h264", "aac"), unchecked=UNCHECKED)
def mp4() -> bytes:
    return film("mp4", "libx264", "aac", tags={"title": "A clip"})


@good(
    "a QuickTime film with plain samples",
    "clip.mov",
    "video/quicktime",
    "video/quicktime",
    told("mov", "h264", "pcm_s16le"),
    unchecked=UNCHECKED,
)
def mov() -> bytes:
    return film("mov", "libx264", "pcm_s16le")


@good("a film from an older phone", "clip.3gp", "video/3gpp", "video/3gpp", told("3gp", "mpeg4"), unchecked=UNCHECKED)
def mobile() -> bytes:
    return film("3gp", "mpeg4")


@good("a WebM film", "clip.webm", "video/webm", "video/webm", told("webm", "vp9", "opus", 48_000), unchecked=UNCHECKED)
def webm() -> bytes:
    return film("webm", "libvpx-vp9", "libopus")


@good(
    "a Matroska film in HEVC",
    "clip.mkv",
    "video/x-matroska",
    "video/x-matroska",
    told("matroska", "hevc", "opus", 48_000),
    unchecked=UNCHECKED,
)
def matroska() -> bytes:
    return film("matroska", "libx265", "libopus")


@good("an AVI film", "clip.avi", "video/x-msvideo", "video/x-msvideo", told("avi", "mpeg4", "mp3"), unchecked=UNCHECKED)
def avi() -> bytes:
    return film("avi", "mpeg4", "libmp3lame")


@good(
    "an MPEG transport stream",
    "clip.ts",
    "video/mp2t",
    "video/mp2t",
    told("mpegts", "mpeg2video", "aac"),
    unchecked=UNCHECKED,
)
def transport_stream() -> bytes:
    return film("mpegts", "mpeg2video", "aac")


@good("a Flash film", "clip.flv", "video/x-flv", "video/x-flv", told("flv", "flv1", "mp3"), unchecked=UNCHECKED)
def flash() -> bytes:
    return film("flv", "flv", "libmp3lame")


@good(
    "a Windows Media film",
    "clip.wmv",
    "video/x-ms-wmv",
    "video/x-ms-asf",
    told("asf", "wmv2", "wmav2"),
    unchecked=UNCHECKED,
)
def windows_media() -> bytes:
    return film("asf", "wmv2", "wmav2")


@good(
    "an MPEG program stream",
    "clip.mpg",
    "video/mpeg",
    "video/mpeg",
    told("mpeg", "mpeg2video", "mp2"),
    unchecked=UNCHECKED,
)
def program_stream() -> bytes:
    return film("mpeg", "mpeg2video", "mp2")
