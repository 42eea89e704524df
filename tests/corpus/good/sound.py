"""Sounds in every container that people send."""

from typing import Any

from tests.corpus.formats.media import SAMPLE_RATE, film
from tests.corpus.items import good

UNCHECKED = ("bit_rate",)


def told(container: str, codec: str, rate: int = SAMPLE_RATE, channels: int = 2, **more: Any) -> dict[str, Any]:
    """Return what is told of one second of sound."""
    heard = {"kind": "audio", "container": container, "codec": codec, "channels": channels, "sample_rate": rate}
    return {**heard, "duration_seconds": 1.0, **more}


@good("a song in MPEG-4", "song.m4a", "audio/mp4", "audio/mp4", told("mp4", "aac"), unchecked=UNCHECKED)
def m4a() -> bytes:
    return film("ipod", None, "aac")


@good("a lossless song in MPEG-4", "song.m4a", "audio/x-m4a", "audio/mp4", told("mp4", "alac"), unchecked=UNCHECKED)
def alac() -> bytes:
    return film("ipod", None, "alac")


@good("an Ogg Vorbis song", "song.ogg", "audio/ogg", "audio/ogg", told("ogg", "vorbis"), unchecked=UNCHECKED)
def vorbis() -> bytes:
    return film("ogg", None, "vorbis")


@good(
    "an Ogg Opus voice note", "note.opus", "audio/opus", "audio/ogg", told("ogg", "opus", 48_000), unchecked=UNCHECKED
)
def opus() -> bytes:
    return film("ogg", None, "libopus")


@good("an MP3 with a title", "song.mp3", "audio/mpeg", "audio/mpeg", told("mp3", "mp3"), unchecked=UNCHECKED)
def mp3() -> bytes:
    return film("mp3", None, "libmp3lame", tags={"title": "A song", "artist": "A. Writer"})


@good("a FLAC song", "song.flac", "audio/flac", "audio/flac", told("flac", "flac"), unchecked=UNCHECKED)
def flac() -> bytes:
    return film("flac", None, "flac")


@good("a WAV recording", "sound.wav", "audio/wav", "audio/wav", told("wav", "pcm_s16le"), unchecked=UNCHECKED)
def wav() -> bytes:
    return film("wav", None, "pcm_s16le")


@good("an AIFF recording", "sound.aiff", "audio/aiff", "audio/aiff", told("aiff", "pcm_s16be"), unchecked=UNCHECKED)
def aiff() -> bytes:
    return film("aiff", None, "pcm_s16be")


@good(
    "a raw AAC stream",
    "sound.aac",
    "audio/aac",
    "audio/aac",
    told("aac", "aac"),
    unchecked=(*UNCHECKED, "duration_seconds"),
)
def aac() -> bytes:
    return film("adts", None, "aac")


@good(
    "a dictation in AMR",
    "note.amr",
    "audio/amr",
    "audio/amr",
    told("amr", "amr_nb", 8_000, 1),
    unchecked=(*UNCHECKED, "duration_seconds"),
)
def amr() -> bytes:
    return film("amr", None, "libopencore_amrnb")
