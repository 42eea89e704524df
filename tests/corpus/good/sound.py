"""Sounds in every container that people send."""

from typing import Any

import pytest

from tests.corpus.formats.media import SAMPLE_RATE, film
from tests.corpus.items import good

UNCHECKED = ("bit_rate", "codec_bit_rate")
"""Depend on the encoders' versions."""
MONO = {"channels": 1, "channel_layout": "mono"}
PADDED = pytest.approx(1.0, abs=0.1)
"""The playing time where whole packets make it longer than it was."""


def told(container: str, codec: str, format_: str, **more: Any) -> dict[str, Any]:
    """Return what is told of one second of sound."""
    heard = {"container": container, "codec": codec, "sample_format": format_, "sample_rate": SAMPLE_RATE}
    plain = {"has_cover": False, "chapters": 0, "truncated": False, "channels": 2, "channel_layout": "stereo"}
    facts = {"kind": "audio", "duration_seconds": 1.0, **heard, **plain, **more}
    return {name: value for name, value in facts.items() if value is not None}


@good(
    "a song in MPEG-4",
    "song.m4a",
    "audio/mp4",
    "audio/mp4",
    told("mp4", "aac", "fltp", profile="LC"),
    unchecked=UNCHECKED,
)
def m4a() -> bytes:
    return film("ipod", None, "aac")


@good(
    "a lossless song in MPEG-4",
    "song.m4a",
    "audio/x-m4a",
    "audio/mp4",
    told("mp4", "alac", "s32p", bit_depth=24),
    unchecked=UNCHECKED,
)
def alac() -> bytes:
    return film("ipod", None, "alac")


@good(
    "an Ogg Vorbis song",
    "song.ogg",
    "audio/ogg",
    "audio/ogg",
    told("ogg", "vorbis", "fltp", duration_seconds=PADDED),
    unchecked=UNCHECKED,
)
def vorbis() -> bytes:
    return film("ogg", None, "vorbis")


@good(
    "an Ogg Opus voice note",
    "note.opus",
    "audio/opus",
    "audio/ogg",
    told("ogg", "opus", "fltp", sample_rate=48_000, duration_seconds=PADDED),
    unchecked=UNCHECKED,
)
def opus() -> bytes:
    return film("ogg", None, "libopus")


@good(
    "an MP3 with a title",
    "song.mp3",
    "audio/mpeg",
    "audio/mpeg",
    told("mp3", "mp3", "fltp", title="A song", artist="A. Writer"),
    unchecked=UNCHECKED,
)
def mp3() -> bytes:
    return film("mp3", None, "libmp3lame", tags={"title": "A song", "artist": "A. Writer"})


@good(
    "a FLAC song",
    "song.flac",
    "audio/flac",
    "audio/flac",
    told("flac", "flac", "s16", bit_depth=16, truncated=None),
    unchecked=UNCHECKED,
)
def flac() -> bytes:
    return film("flac", None, "flac")


@good(
    "a WAV recording",
    "sound.wav",
    "audio/wav",
    "audio/wav",
    told("wav", "pcm_s16le", "s16", bit_depth=16, channel_layout=None),
    unchecked=UNCHECKED,
)
def wav() -> bytes:
    return film("wav", None, "pcm_s16le")


@good(
    "an AIFF recording",
    "sound.aiff",
    "audio/aiff",
    "audio/aiff",
    told("aiff", "pcm_s16be", "s16", bit_depth=16, channel_layout=None),
    unchecked=UNCHECKED,
)
def aiff() -> bytes:
    return film("aiff", None, "pcm_s16be")


@good(
    "a raw AAC stream",
    "sound.aac",
    "audio/aac",
    "audio/aac",
    told("aac", "aac", "fltp", profile="LC", duration_seconds=PADDED, truncated=None),
    unchecked=UNCHECKED,
    warnings=("duration_seconds is estimated from the bit rate",),
)
def aac() -> bytes:
    return film("adts", None, "aac")


@good(
    "a dictation in AMR",
    "note.amr",
    "audio/amr",
    "audio/amr",
    told("amr", "amr_nb", "fltp", truncated=None, duration_seconds=PADDED, sample_rate=8_000, **MONO),
    unchecked=UNCHECKED,
    warnings=("duration_seconds is estimated from the bit rate",),
)
def amr() -> bytes:
    return film("amr", None, "libopencore_amrnb")
