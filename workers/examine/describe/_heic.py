"""Decodes the main picture of a HEIC by FFmpeg, tile by tile; it leaves the boxes of the file to _heif.py.

libheif has its decoder start a thread whatever it is told, and the cage lets none start:
https://github.com/strukturag/libheif/blob/master/libheif/plugins/decoder_libde265.cc.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import av
from PIL import Image

from workers.examine.describe import _heif
from workers.examine.describe._heif import Broken, Heif, Item

_MAX_TILES = 1024
_CODED, _GRID = b"hvc1", b"grid"
_QUARTERS = (None, Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_270)
# The axis is 1 where left and right change places: ISO/IEC 23008-12, section 6.5.12.
_MIRRORS = (Image.Transpose.FLIP_TOP_BOTTOM, Image.Transpose.FLIP_LEFT_RIGHT)


@dataclass(frozen=True, slots=True)
class _Grid:
    """How tiles make a picture, row by row from the top left."""

    columns: int
    width: int
    height: int
    tiles: tuple[Item, ...]


def first_part(file: BinaryIO, max_pixels: int) -> None:
    """Decode the main picture's first tile once all are seen to be there; raise Cut where they aren't, else Broken."""
    heif = _heif.read(file)
    item = heif.item(heif.primary)
    tiles = _grid(heif, heif.primary, item, max_pixels).tiles if item.kind == _GRID else (item,)
    for tile in tiles:
        heif.find(tile)
    _decoded(heif, tiles[0], max_pixels)


def paint(file: BinaryIO, max_pixels: int, edge: int) -> Image.Image:
    """Return the main picture upright, or else its thumbnail; raise Broken where neither can be decoded.

    One that is not of tiles is no longer than `edge`, so that its colours are converted in little memory.
    """
    heif = _heif.read(file)
    for number in (heif.primary, *_thumbnails(heif)):
        try:
            return _upright(_picture(heif, number, max_pixels, edge), heif.item(number))
        except Broken:
            continue
    raise Broken


def _thumbnails(heif: Heif) -> Iterator[int]:
    return (source for (kind, source), targets in heif.links.items() if kind == b"thmb" and heif.primary in targets)


def _picture(heif: Heif, number: int, max_pixels: int, edge: int) -> Image.Image:
    item = heif.item(number)
    if item.kind != _GRID:
        return _image(heif, item, max_pixels, edge)
    grid = _grid(heif, number, item, max_pixels)
    whole = Image.new("RGB", (grid.width, grid.height))
    size = _size(grid.tiles[0])
    for place, tile in enumerate(grid.tiles):
        picture = _image(heif, tile, max_pixels, edge=max(size))
        if picture.size != size:
            raise Broken
        whole.paste(picture, (place % grid.columns * size[0], place // grid.columns * size[1]))
    return whole


def _grid(heif: Heif, number: int, item: Item, max_pixels: int) -> _Grid:
    """Return a grid whose tiles are all there and cover it: ISO/IEC 23008-12, section 6.6.2.3."""
    data = heif.data(item)
    try:
        wide, rows, columns, width, height = struct.unpack(">xBBBII" if data[1:2] == b"\1" else ">xBBBHH", data)
    except struct.error as fault:
        raise Broken from fault
    del wide
    numbers = heif.links.get((b"dimg", number), ())
    if not len(numbers) == (rows + 1) * (columns + 1) <= _MAX_TILES or not 0 < width * height <= max_pixels:
        raise Broken
    tiles = tuple(heif.item(number) for number in numbers)
    if len({_size(tile) for tile in tiles}) > 1:
        raise Broken
    covered = [(one * (count + 1), one * count) for one, count in zip(_size(tiles[0]), (columns, rows), strict=True)]
    if any(not most >= side > least for side, (most, least) in zip((width, height), covered, strict=True)):
        raise Broken
    return _Grid(columns + 1, width, height, tiles)


def _size(item: Item) -> tuple[int, int]:
    content = item.told(b"ispe")
    if len(content) != 12:  # noqa: PLR2004 - version, width and height
        raise Broken
    width, height = struct.unpack(">4xII", content)
    return width, height


def _image(heif: Heif, item: Item, max_pixels: int, edge: int) -> Image.Image:
    frame = _decoded(heif, item, max_pixels)
    told = dict(item.properties).get(b"colr", b"")
    if told[:4] == b"nclx" and len(told) == 11:  # noqa: PLR2004 - name, three code points of ITU-T H.273, full range
        frame.colorspace, frame.color_range = told[9], 2 if told[10] & 0x80 else 1
    scale = min(1, edge / max(frame.width, frame.height))
    width, height = (max(1, round(side * scale)) for side in (frame.width, frame.height))
    picture: Image.Image = frame.to_image(width=width, height=height, interpolation="AREA", threads=1)
    return picture


def _decoded(heif: Heif, item: Item, max_pixels: int) -> Any:
    width, height = _size(item)
    if item.kind != _CODED or width * height > max_pixels:
        raise Broken
    decoder = av.VideoCodecContext.create("hevc", "r")
    decoder.thread_count = 1  # the cage lets none start
    decoder.extradata = item.told(b"hvcC")
    # The stream may tell another size than the box, and again another than its own beginning.
    # https://ffmpeg.org/ffmpeg-codecs.html#Codec-Options
    decoder.options = {"max_pixels": str(max_pixels)}
    try:
        decoder.open()
        if decoder.width * decoder.height > max_pixels:
            raise Broken
        frames = [*decoder.decode(av.Packet(heif.data(item))), *decoder.decode(None)]
    except (av.MemoryError, av.PermissionError):  # the cage's doing, not the file's
        raise
    except av.FFmpegError as fault:
        raise Broken from fault
    if not frames:
        raise Broken
    return frames[0]


def _upright(picture: Image.Image, item: Item) -> Image.Image:
    """Apply what turns it, which EXIF only repeats: ISO/IEC 23008-12, sections 6.5.10 and 6.5.12."""
    for kind, content in item.properties:
        turn = None
        if kind == b"irot" and content:
            turn = _QUARTERS[content[0] & 3]
        elif kind == b"imir" and content:
            turn = _MIRRORS[content[0] & 1]
        picture = picture if turn is None else picture.transpose(turn)
    return picture
