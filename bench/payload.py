"""The files that are sent: real videos, padded to a size; it leaves encoding to the demo's clip."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from deploy.local.clip import make_clip

PIECE_BYTES = 1024 * 1024
LONG_HEADER_BYTES = 16


@dataclass(frozen=True, slots=True)
class Payload:
    """A file to send."""

    path: Path
    size: int
    sha256: str


def padded_clip(path: Path, size: int) -> Payload:
    """Write an MP4 of exactly `size` bytes: a clip, then a `free` box with random bytes.

    Readers skip the box, the same as a large `mdat`: ISO/IEC 14496-12, section 8.1.2.
    """
    make_clip(path)
    with path.open("ab") as file:
        length = size - file.tell()
        file.write((1).to_bytes(4, "big") + b"free" + length.to_bytes(8, "big"))
        for start in range(LONG_HEADER_BYTES, length, PIECE_BYTES):
            file.write(os.urandom(min(PIECE_BYTES, length - start)))
    return _payload(path)


def random_file(path: Path, size: int) -> Payload:
    """Write `size` random bytes."""
    path.write_bytes(os.urandom(size))
    return _payload(path)


def sparse_file(path: Path, size: int) -> Payload:
    """Make a file of `size` zero bytes that takes no room."""
    with path.open("wb") as file:
        file.truncate(size)
    return _payload(path)


def text_file(path: Path, size: int) -> Payload:
    """Write `size` bytes of text, in lines."""
    path.write_text(("The quick brown fox jumps over the lazy dog.\n" * (size // 45 + 1))[:size])
    return _payload(path)


def picture(path: Path, width: int, height: int) -> Payload:
    """Write a JPEG of noise."""
    Image.effect_noise((width, height), 80).convert("RGB").save(path, "JPEG")
    return _payload(path)


def _payload(path: Path) -> Payload:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
    return Payload(path, path.stat().st_size, digest.hexdigest())
