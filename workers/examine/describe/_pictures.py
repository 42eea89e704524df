"""What the first decoded frame of a video tells: rotation, size as shown, colours, HDR; the rest is _streams.py's."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal

import av
from av.container import InputContainer
from av.sidedata.sidedata import Type

MAX_PIXELS = 40_000_000
"""Frames beyond this, a fifth more than 8K, are not decoded."""
_MAX_PACKETS = 256

# Code points of ITU-T H.273, tables 2 to 4, by their names in FFmpeg's words: libavutil/pixdesc.c.
_PRIMARIES = {
    1: "bt709",
    4: "bt470m",
    5: "bt470bg",
    6: "smpte170m",
    7: "smpte240m",
    8: "film",
    9: "bt2020",
    10: "smpte428",
    11: "smpte431",
    12: "smpte432",
    22: "ebu3213",
}
_TRANSFERS = {
    1: "bt709",
    4: "gamma22",
    5: "gamma28",
    6: "smpte170m",
    7: "smpte240m",
    8: "linear",
    9: "log100",
    10: "log316",
    11: "iec61966-2-4",
    12: "bt1361e",
    13: "iec61966-2-1",
    14: "bt2020-10",
    15: "bt2020-12",
    16: "smpte2084",
    17: "smpte428",
    18: "arib-std-b67",
}
_MATRICES = {
    0: "gbr",
    1: "bt709",
    4: "fcc",
    5: "bt470bg",
    6: "smpte170m",
    7: "smpte240m",
    8: "ycgco",
    9: "bt2020nc",
    10: "bt2020c",
    14: "ictcp",
}
_HDR: Mapping[str | None, Literal["HDR10", "HLG"]] = MappingProxyType({"smpte2084": "HDR10", "arib-std-b67": "HLG"})
# https://mp4ra.org/registered-types/sampleentries
_DOLBY_TAGS = frozenset({"dvh1", "dvhe", "dva1", "dvav", "dav1"})
_DOLBY_DATA = frozenset({Type.DOVI_RPU_BUFFER, Type.DOVI_METADATA})


def first_frame(container: InputContainer, picture: Any) -> Any | None:
    """Return the first frame; None where none of the first packets gives one. The container stands behind it then."""
    if not picture.codec_context or picture.width * picture.height > MAX_PIXELS:
        return None
    picture.codec_context.thread_count = 1  # the cage lets none start
    try:
        for number, packet in enumerate(container.demux(picture)):
            if frames := _frames(packet):
                return frames[0]
            if number > _MAX_PACKETS:
                break
    except (av.MemoryError, av.PermissionError):  # the cage's doing, not the file's
        raise
    except av.FFmpegError:  # a stream that breaks off before its first frame has none
        return None
    return None


def _frames(packet: Any) -> list[Any]:
    try:
        return list(packet.decode())
    except av.InvalidDataError:  # a recording may begin between two key frames
        return []


def rotation(frame: Any) -> int | None:
    """Return by how many degrees players turn the frame clockwise; None where its matrix turns nothing."""
    # PyAV counts the other way round, and what is no number comes as a huge one.
    return -frame.rotation % 360 if abs(frame.rotation) <= 180 else None  # noqa: PLR2004


def display_size(picture: Any, turned: int | None) -> tuple[int | None, int | None]:
    """Return width and height as shown: with square pixels, after the rotation."""
    if turned is None:  # not decoded, or never to be shown
        return None, None
    size = round(picture.width * (picture.sample_aspect_ratio or 1)), picture.height
    return size if turned % 180 < 45 or turned % 180 > 135 else size[::-1]  # noqa: PLR2004


def colours(picture: Any) -> dict[str, str | None]:
    """Return the names of primaries, transfer characteristics and matrix; None where the stream is silent."""
    context = picture.codec_context
    return {
        "colour_primaries": _PRIMARIES.get(context.color_primaries) if context else None,
        "colour_transfer": _TRANSFERS.get(context.color_trc) if context else None,
        "colour_matrix": _MATRICES.get(context.colorspace) if context else None,
    }


def hdr(picture: Any, frame: Any | None) -> str | None:
    """Return the kind of high dynamic range, by the stream's tag, the frame's side data and the transfer."""
    tagged = bool(picture.codec_context) and picture.codec_context.codec_tag in _DOLBY_TAGS
    if tagged or (frame and not _DOLBY_DATA.isdisjoint(data.type for data in frame.side_data)):
        return "Dolby Vision"
    return _HDR.get(colours(picture)["colour_transfer"])
