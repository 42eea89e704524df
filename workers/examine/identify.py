"""The media type that a file's own bytes show; it leaves the sender's claims to agreement.py.

libmagic looks first. What it misses in real files is looked for here: MPEG transport streams, rare Ogg codecs
and texts of a single character.
"""

import functools
from collections.abc import Callable
from typing import Any, BinaryIO

from shared.media_types import UNKNOWN

HEAD_BYTES = 16 * 1024

# One name for each type, the registered one where there is one: https://www.iana.org/assignments/media-types/
_NAMES = {
    "application/x-empty": UNKNOWN,
    "application/x-gzip": "application/gzip",
    "audio/x-aiff": "audio/aiff",
    "audio/x-flac": "audio/flac",
    "audio/x-hx-aac-adif": "audio/aac",
    "audio/x-hx-aac-adts": "audio/aac",
    "audio/x-m4a": "audio/mp4",
    "audio/x-mp4a-latm": "audio/mp4",
    "audio/x-wav": "audio/wav",
    "image/x-ms-bmp": "image/bmp",
    "video/x-m4v": "video/mp4",
}

# Packet lengths of plain, time-stamped and error-corrected streams, and where the sync byte stands in each:
# https://en.wikipedia.org/wiki/MPEG_transport_stream#Packet
_TRANSPORT_PACKETS = ((188, 0), (192, 4), (204, 0))
_SYNC_BYTE = 0x47
_SYNCS_NEEDED = 8


def identify(file: BinaryIO) -> str:
    """Return the media type of the content, `application/octet-stream` where nothing is known."""
    file.seek(0)
    head = file.read(HEAD_BYTES)
    found = _libmagic()(head)
    if found in {UNKNOWN, "application/x-empty"}:
        return _look_closer(head)
    return _NAMES.get(found, found)


def prepare() -> None:
    """Open libmagic's database, which a caged child can no longer do."""
    _libmagic()


@functools.cache
def _libmagic() -> Callable[[bytes], str]:
    # The wheel's library and database are the same on every machine, the system's are not. pylibmagic makes
    # ctypes find its own, so it comes first. https://github.com/kratsg/pylibmagic
    import pylibmagic  # noqa: F401, PLC0415
    from magic import Magic  # noqa: PLC0415

    database: Any = Magic(mime=True)
    return lambda head: str(database.from_buffer(head))


def _look_closer(head: bytes) -> str:
    if head.startswith(b"OggS"):
        return "application/ogg"
    if any(_has_syncs(head, length, start) for length, start in _TRANSPORT_PACKETS):
        return "video/mp2t"
    return "text/plain" if _reads_as_text(head) else UNKNOWN


def _has_syncs(head: bytes, length: int, start: int) -> bool:
    syncs = head[start::length][: 4 * _SYNCS_NEEDED]
    return len(syncs) >= _SYNCS_NEEDED and set(syncs) == {_SYNC_BYTE}


def _reads_as_text(head: bytes) -> bool:
    try:
        return bool(head) and all(c.isprintable() or c.isspace() for c in head.decode())
    except UnicodeDecodeError:
        return False
