"""Decoders of compressed streams, all with one interface, and their output in bounded pieces; it counts nothing."""

import bz2
import lzma
import sys
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO, Protocol

from workers.examine.describe import Unreadable
from workers.examine.describe._archives.limits import MAX_WINDOW_BYTES, MAX_WINDOW_LOG

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PIECE_BYTES = 256 * 1024
_READ_BYTES = 32 * 1024  # what follows a stream is copied for each: a million empty ones want this small


class Decoder(Protocol):
    """What bz2, lzma and zstd offer, and Inflater too."""

    @property
    def eof(self) -> bool:
        """Whether the stream has ended."""

    @property
    def needs_input(self) -> bool:
        """Whether nothing more comes without more bytes."""

    @property
    def unused_data(self) -> bytes:
        """What follows the stream's end."""

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """Return at most so many bytes."""


class Inflater:
    """zlib's decoder in that shape; `window_bits` tells raw deflate (-15) from gzip (31)."""

    def __init__(self, window_bits: int) -> None:
        self._decoder = zlib.decompressobj(window_bits)
        self.needs_input = True

    @property
    def eof(self) -> bool:
        """Whether the stream has ended."""
        return self._decoder.eof

    @property
    def unused_data(self) -> bytes:
        """What follows the stream's end."""
        return self._decoder.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """Return at most so many bytes."""
        piece = self._decoder.decompress(self._decoder.unconsumed_tail + data, max_length)
        self.needs_input = not self._decoder.unconsumed_tail and len(piece) < max_length
        return piece


def _xz() -> Decoder:
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MAX_WINDOW_BYTES)


def _zst() -> Decoder:
    return zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: MAX_WINDOW_LOG})


# A zstd stream may begin with frames to skip: https://www.rfc-editor.org/rfc/rfc8878#section-3.1.2
_SKIPPED = tuple(bytes((0x50 + low, 0x2A, 0x4D, 0x18)) for low in range(16))

_CODECS: dict[str, tuple[Callable[[], Decoder], tuple[bytes, ...]]] = {
    "gz": (lambda: Inflater(31), (b"\x1f\x8b",)),
    "bz2": (bz2.BZ2Decompressor, (b"BZh",)),
    "xz": (_xz, (b"\xfd7zXZ\x00",)),
    "zst": (_zst, (b"\x28\xb5\x2f\xfd", *_SKIPPED)),
}
NAMES = frozenset(_CODECS)


def decoder(name: str) -> Decoder:
    """Return a decoder of one stream: gz, bz2, xz or zst."""
    return _CODECS[name][0]()


class Packed:
    """Compressed bytes on their way into decoders, `size` of them at most."""

    def __init__(self, file: BinaryIO, size: int = sys.maxsize) -> None:
        self._file = file
        self._left = size
        self._rest = b""
        self.trailing = False
        """Whether bytes that belong to no stream follow the last one."""
        self.taken = 0
        """Bytes handed to a decoder."""

    def unpacked(self, decoder: Decoder, *, endless: bool = False) -> Iterator[bytes]:
        """Yield what one stream unpacks to; raise Unreadable where it is cut, unless it may be `endless`."""
        while not decoder.eof:
            data = self._take() if decoder.needs_input else b""
            if decoder.needs_input and not data:
                if endless:
                    return
                raise Unreadable("A compressed stream is cut.")
            yield decoder.decompress(data, PIECE_BYTES)
        self._rest = decoder.unused_data
        self.taken -= len(self._rest)

    def all_unpacked(self, name: str) -> Iterator[bytes]:
        """Yield what all the streams of a file unpack to, one after the other and with zeros between them."""
        make, magic = _CODECS[name]
        yield from self.unpacked(make())
        yield from self._zeros()
        while head := self._peek(max(map(len, magic))):
            if not head.startswith(magic):
                self.trailing = True
                return
            yield from self.unpacked(make())
            yield from self._zeros()

    def read(self, size: int) -> bytes:
        """Return the next bytes as they are."""
        data = self._file.read(min(size, self._left))
        self._left -= len(data)
        return data

    def _take(self) -> bytes:
        data, self._rest = self._rest or self.read(_READ_BYTES), b""
        self.taken += len(data)
        return data

    def _zeros(self) -> Iterator[bytes]:
        """Pass over zeros, with an empty piece for each step, since there may be many."""
        self._rest = self._rest.lstrip(b"\0")
        while not self._rest and (more := self.read(_READ_BYTES)):
            self._rest = more.lstrip(b"\0")
            yield b""

    def _peek(self, size: int) -> bytes:
        while len(self._rest) < size and (more := self.read(_READ_BYTES)):
            self._rest += more
        return self._rest[:size]
