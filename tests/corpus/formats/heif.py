"""Writes a HEIC picture (ISO/IEC 23008-12): one coded image and the properties that describe it."""

import struct
from fractions import Fraction

import av
import numpy as np

from tests.corpus.formats.boxes import box, ftyp, full

WIDTH, HEIGHT = 96, 64


def heic() -> bytes:
    """Return a grey picture of 96 by 64."""
    configuration, image = _coded()
    place = _meta(configuration, 0, len(image))
    offset = len(_head()) + len(place) + 8
    return _head() + _meta(configuration, offset, len(image)) + box(b"mdat", image)


def _head() -> bytes:
    return ftyp(b"heic", b"mif1", b"heic")


def _meta(configuration: bytes, offset: int, length: int) -> bytes:
    handler = full(b"hdlr", bytes(4), b"pict", bytes(12), b"\0")
    primary = full(b"pitm", struct.pack(">H", 1))
    where = full(b"iloc", struct.pack(">BBHHHHII", 0x44, 0, 1, 1, 0, 1, offset, length))
    names = full(b"iinf", struct.pack(">H", 1), full(b"infe", struct.pack(">HH", 1, 0), b"hvc1\0", version=2))
    size = full(b"ispe", struct.pack(">II", WIDTH, HEIGHT))
    depth = full(b"pixi", bytes([3, 8, 8, 8]))
    which = full(b"ipma", struct.pack(">IHB", 1, 1, 3), bytes([0x81, 2, 3]))
    properties = box(b"iprp", box(b"ipco", box(b"hvcC", configuration), size, depth), which)
    return full(b"meta", handler, primary, where, names, properties)


def _coded() -> tuple[bytes, bytes]:
    """Return the decoder's configuration (ISO/IEC 14496-15) and one intra picture, each unit after its length."""
    units = _units()
    sets = [unit for unit in units if unit[0] >> 1 & 0x3F in {32, 33, 34}]
    image = b"".join(struct.pack(">I", len(unit)) + unit for unit in units if unit[0] >> 1 & 0x3F < 32)
    # Main profile, level 1, 4:2:0, 8 bits, lengths of 4 bytes.
    fixed = bytes.fromhex("0101 60000000 000000000000 1e f000 fc fd f8 f8 0000 0f")
    arrays = b"".join(struct.pack(">BHH", 0x80 | unit[0] >> 1 & 0x3F, 1, len(unit)) + unit for unit in sets)
    return fixed + bytes([len(sets)]) + arrays, image


def _units() -> list[bytes]:
    context = av.CodecContext.create("libx265", "w")
    context.width, context.height, context.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    context.time_base = Fraction(1)
    context.options = {"x265-params": "log-level=none:pools=none:keyint=1:info=0:annexb=1:repeat-headers=1"}
    frame = av.VideoFrame.from_ndarray(np.full((HEIGHT, WIDTH, 3), 120, np.uint8), format="rgb24").reformat(
        format="yuv420p"
    )
    stream = b"".join(bytes(packet) for packet in [*context.encode(frame), *context.encode(None)])
    return [unit.removesuffix(b"\0") for unit in stream.split(b"\0\0\1") if unit.strip(b"\0")]
