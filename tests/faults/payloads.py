"""The files that senders send, each unlike any other, and their bodies; it leaves sending them to `senders`."""

import hashlib
import random
import struct
import zlib
from dataclasses import dataclass
from functools import cached_property

KIB, MIB = 1024, 1024 * 1024
BOUNDARY = "storm-5d41402abc4b2a76b9719d911017c592"


@dataclass(frozen=True)
class Upload:
    """One logical file, however often it is tried. `name` is the stem of its filename, and unique."""

    name: str
    filename: str
    content: bytes
    media_type: str
    way: str
    """multipart or raw"""
    route: str
    """direct, or by way of the proxy"""
    key: str | None = None
    sabotage: str | None = None

    @cached_property
    def sha256(self) -> str:
        """In hex."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def body(self) -> bytes:
        """What goes over the wire."""
        if self.way == "raw":
            return self.content
        disposition = f'Content-Disposition: form-data; name="file"; filename="{self.filename}"'
        head = f"--{BOUNDARY}\r\n{disposition}\r\nContent-Type: {self.media_type}\r\n\r\n"
        return b"".join((head.encode(), self.content, f"\r\n--{BOUNDARY}--\r\n".encode()))

    @property
    def body_type(self) -> str:
        """The request's Content-Type."""
        return self.media_type if self.way == "raw" else f"multipart/form-data; boundary={BOUNDARY}"


def small(name: str, chance: random.Random) -> Upload:
    """Make a text, a picture or some bytes, of 64 KiB at most."""
    size = int(2 ** chance.uniform(0, 16))
    make, extension, media_type = chance.choice(
        [*[(_text, "txt", "text/plain")] * 3, (_png, "png", "image/png"), _BYTES]
    )
    return _upload(name, make(name, size, chance), extension, media_type, chance)


def large(name: str, chance: random.Random) -> Upload:
    """Make a text or random bytes, of 1 to 32 MiB."""
    size = int(MIB * 2 ** chance.uniform(0, 5))
    make, extension, media_type = chance.choice([(_text, "txt", "text/plain"), _BYTES])
    return _upload(name, make(name, size, chance), extension, media_type, chance)


def _upload(name: str, content: bytes, extension: str, media_type: str, chance: random.Random) -> Upload:
    way, route = chance.choice(["multipart", "raw"]), chance.choice(["direct", "proxy"])
    key = f"key-{name}" if chance.random() < 0.6 else None
    sabotage = chance.choice(["cut", "bad_digest"]) if chance.random() < 0.08 and len(content) > KIB else None
    return Upload(name, f"{name}.{extension}", content, media_type, way, route, key, sabotage)


def _text(name: str, size: int, chance: random.Random) -> bytes:
    line = f"{name}: {chance.random()}\n".encode()
    return (line * (size // len(line) + 1))[: max(size, 1)]


def _bytes(_name: str, size: int, chance: random.Random) -> bytes:
    return chance.randbytes(max(size, 1))


_BYTES = (_bytes, "bin", "application/octet-stream")


def _png(_name: str, size: int, chance: random.Random) -> bytes:
    """Make a picture of random greys: about `size` bytes, since noise does not compress."""
    side = max(2, int(size**0.5))
    rows = b"".join(b"\0" + chance.randbytes(side) for _ in range(side))
    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(map(_chunk, chunks))


def _chunk(chunk: tuple[bytes, bytes]) -> bytes:
    kind, content = chunk
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
