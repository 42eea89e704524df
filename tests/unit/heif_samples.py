"""Writes HEIC files box by box (ISO/IEC 23008-12): pictures, tiles, thumbnails and EXIF, sound and lying."""

import functools
import io
import struct
from collections.abc import Iterable
from dataclasses import dataclass, field

import av
from PIL import Image

from tests.unit import media_samples

TILE = (64, 64)
COLOURS = {"red": (255, 0, 0), "blue": (0, 0, 255), "green": (0, 128, 0), "white": (255, 255, 255)}


@dataclass
class Item:
    """One item of a file."""

    kind: bytes
    data: bytes
    properties: list[bytes] = field(default_factory=list)
    links: list[tuple[bytes, list[int]]] = field(default_factory=list)
    embedded: bool = False
    """Whether its data stand in the index."""


def heic(items: Iterable[Item] = (), brand: bytes = b"heic", number: int | None = None) -> bytes:
    """Return a file of the items, numbered from 1; the first is its picture. It claims to hold `number` items."""
    listed = list(items) or [coded("red")]
    brands = boxed("ftyp", brand + bytes(4) + b"mif1heic")
    head = len(brands) + len(_meta(listed, 0, number)) + 8
    content = b"".join(item.data for item in listed if not item.embedded)
    return brands + _meta(listed, head, number) + boxed("mdat", content)


def coded(
    colour: str, size: tuple[int, int] = TILE, *more: bytes, links: Iterable[tuple[bytes, list[int]]] = ()
) -> Item:
    """Return a plain picture."""
    configuration, data = _encoded(colour, size)
    return Item(b"hvc1", data, [boxed("hvcC", configuration), ispe(*size), *more], list(links))


def ispe(width: int, height: int) -> bytes:
    return boxed("ispe", struct.pack(">III", 0, width, height))


def turned(quarters: int) -> bytes:
    """Return the property that turns a picture anticlockwise."""
    return boxed("irot", bytes([quarters]))


def mirrored(axis: int) -> bytes:
    """Return the property that changes top and bottom (0) or left and right (1)."""
    return boxed("imir", bytes([axis]))


def grid(rows: int, columns: int, size: tuple[int, int], *more: bytes, tiles: Iterable[int] = ()) -> Item:
    """Return a picture of tiles; of more than 256 in a row or column the lowest bits are claimed."""
    data = struct.pack(">BBBBII", 0, 1, rows - 1 & 255, columns - 1 & 255, *size)
    return Item(b"grid", data, [ispe(*size), *more], [(b"dimg", list(tiles))], embedded=True)


def exif(orientation: int = 6) -> Item:
    """Return what a camera writes, of the first picture."""
    told = media_samples.camera_exif(orientation).tobytes()
    return Item(b"Exif", struct.pack(">I", 6) + told, links=[(b"cdsc", [1])])


def two_tiles(*more: bytes, size: tuple[int, int] = (120, 60)) -> bytes:
    """Return a red tile beside a blue one, cropped to the size, a green thumbnail and EXIF."""
    small = coded("green", (64, 32), links=[(b"thmb", [1])])
    return heic([grid(1, 2, size, *more, tiles=[3, 2]), coded("blue"), coded("red"), small, exif()])


@functools.cache
def _encoded(colour: str, size: tuple[int, int]) -> tuple[bytes, bytes]:
    """Return the decoder's configuration and the data of one picture."""
    target = io.BytesIO()
    with av.open(target, "w", format="mp4") as out:
        stream = out.add_stream("libx265", rate=1, width=size[0], height=size[1], pix_fmt="yuv420p")
        stream.options = {"x265-params": "log-level=none:pools=none:frame-threads=1:bframes=0:info=0"}
        for frame in (av.VideoFrame.from_image(Image.new("RGB", size, COLOURS[colour])), None):
            out.mux(stream.encode(frame))
    with av.open(io.BytesIO(target.getvalue())) as video:
        stream = video.streams.video[0]
        data = next(bytes(packet) for packet in video.demux(stream) if packet.size)
        return stream.codec_context.extradata, data


def _meta(items: list[Item], start: int, number: int | None) -> bytes:
    listed, places, links, bound, kept = b"", b"", b"", b"", list[bytes]()
    embedded, total = b"", len(items) if number is None else number
    tiles = {target for item in items for kind, targets in item.links if kind == b"dimg" for target in targets}
    for place, item in enumerate(items, 1):
        hidden = place in tiles
        listed += boxed("infe", struct.pack(">IHH4sx", 2 << 24 | hidden, place, 0, item.kind))
        at = len(embedded) if item.embedded else start
        places += struct.pack(">HHHHII", place, int(item.embedded), 0, 1, at, len(item.data))
        embedded, start = (embedded + item.data, start) if item.embedded else (embedded, start + len(item.data))
        links += b"".join(_link(kind, place, targets) for kind, targets in item.links)
        bound += struct.pack(">HB", place, len(item.properties))
        bound += bytes(range(len(kept) + 1, len(kept) + 1 + len(item.properties)))
        kept += item.properties
    parts = (
        boxed("hdlr", struct.pack(">II4s13x", 0, 0, b"pict")),
        boxed("pitm", struct.pack(">IH", 0, 1)),
        boxed("iinf", struct.pack(">IH", 0, total & 0xFFFF) + listed),
        boxed("iprp", boxed("ipco", b"".join(kept)) + boxed("ipma", struct.pack(">II", 0, len(items)) + bound)),
        boxed("iref", bytes(4) + links),
        boxed("idat", embedded),
        boxed("iloc", struct.pack(">IHH", 1 << 24, 0x4400, len(items)) + places),
    )
    return boxed("meta", bytes(4) + b"".join(parts))


def _link(kind: bytes, source: int, targets: list[int]) -> bytes:
    return boxed(kind.decode(), struct.pack(f">HH{len(targets)}H", source, len(targets), *targets))


def boxed(name: str, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), name.encode()) + content
