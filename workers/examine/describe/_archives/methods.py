"""The compression methods of zip entries, as pieces of bounded size; it leaves checking them to zip.py."""

import bz2
import lzma
import struct
from collections.abc import Callable, Iterator
from typing import BinaryIO
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZIP_LZMA, ZIP_STORED, ZipInfo

from workers.examine.describe import Unreadable
from workers.examine.describe._archives.decoders import PIECE_BYTES, Decoder, Inflater, Packed, decoder
from workers.examine.describe._archives.limits import MAX_WINDOW_BYTES, bomb

_ZSTD, _XZ = 93, 95  # APPNOTE 4.4.5
_LZMA_PROPERTIES = struct.Struct("<BL")

_DECODERS: dict[int, Callable[[], Decoder]] = {
    ZIP_DEFLATED: lambda: Inflater(-15),
    ZIP_BZIP2: bz2.BZ2Decompressor,
    _ZSTD: lambda: decoder("zst"),
    _XZ: lambda: decoder("xz"),
}


def is_known(method: int) -> bool:
    """Tell whether we have a decoder for it."""
    return method in {ZIP_STORED, ZIP_LZMA, *_DECODERS}


def pieces(file: BinaryIO, start: int, entry: ZipInfo) -> Iterator[bytes]:
    """Yield the content in pieces of at most PIECE_BYTES; raise Unreadable where it is cut."""
    file.seek(start)
    packed = Packed(file, entry.compress_size)
    if entry.compress_type == ZIP_STORED:
        while piece := packed.read(PIECE_BYTES):
            yield piece
    elif entry.compress_type == ZIP_LZMA:
        # Its end may be marked or not, and is where the declared size says.
        yield from packed.unpacked(_lzma(packed), endless=True)
    elif entry.compress_size or entry.file_size:  # some writers give a folder a method, but no stream
        yield from packed.unpacked(_DECODERS[entry.compress_type]())


def _lzma(packed: Packed) -> Decoder:
    """Return a decoder by the properties before the stream (APPNOTE 5.8.8)."""
    _, size = struct.unpack("<2H", packed.read(4).ljust(4, b"\0"))
    properties = packed.read(size)
    if len(properties) != _LZMA_PROPERTIES.size:
        raise Unreadable("The properties of an LZMA stream are cut.")
    bits, dictionary = _LZMA_PROPERTIES.unpack(properties)
    if dictionary > MAX_WINDOW_BYTES:
        raise bomb(f"Unpacking it takes {dictionary} bytes of memory.")
    filter_ = {"id": lzma.FILTER_LZMA1, "dict_size": max(dictionary, 4096)}
    filter_ |= {"lc": bits % 9, "lp": bits // 9 % 5, "pb": bits // 45}
    return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[filter_])
