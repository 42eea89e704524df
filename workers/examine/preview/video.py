"""A frame of a video that isn't black; it leaves opening containers to the describers."""

import time
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, BinaryIO

import av
from av.container import InputContainer
from PIL import Image, ImageStat

from workers.examine.describe._pictures import MAX_PIXELS, rotation
from workers.examine.describe._streams import opened, pictures, prepare
from workers.examine.preview import EDGE, NoPreview

__all__ = ["KIND", "paint", "prepare"]

KIND = "video"

_PLACES = (0.1, 0.3, 0.5, 0.7, 0.0)
"""Where frames are looked for, as parts of the duration."""
_KEY_FRAMES = 5
"""How many of the first key frames are looked at where nothing tells where the others are."""
_MAX_PACKETS = 2000
_STRIDE = 12
"""Where no key frame shows anything, each of so many frames is looked at, from the first one on."""
_CPU_SECONDS = 2.0
"""How long that may go on, of the five that a preview has."""
_DARKEST_MEAN = 24
_LEAST_DEVIATION = 6
"""A frame below either of these, of 255, shows nothing."""


def paint(file: BinaryIO, media_type: str) -> Image.Image:
    """Return the first frame that shows something, else the one that shows most."""
    with opened(file, media_type) as media:
        stream = _stream(media.container)
        best, shown = None, -1.0
        for frame in _frames(media.container, stream):
            picture = _upright(frame, stream.sample_aspect_ratio or 1)
            grey = ImageStat.Stat(picture.convert("L"))
            if grey.mean[0] >= _DARKEST_MEAN and grey.stddev[0] >= _LEAST_DEVIATION:
                return picture
            if grey.mean[0] + grey.stddev[0] > shown:
                best, shown = picture, grey.mean[0] + grey.stddev[0]
        if best is None:
            raise NoPreview
        return best


def _stream(container: InputContainer) -> Any:
    stream = next(iter(pictures(container)), None)
    if stream is None or not stream.codec_context or stream.width * stream.height > MAX_PIXELS:
        raise NoPreview
    stream.codec_context.thread_count = 1  # the cage lets none start
    stream.codec_context.skip_frame = "NONKEY"
    return stream


def _frames(container: InputContainer, stream: Any) -> Iterator[Any]:
    if container.duration and len(stream.index_entries) > 1:
        yield from _spread(container, stream)
    else:  # seeking would read the file from end to end
        yield from _first(container, stream, _KEY_FRAMES)
    yield from _between(container, stream)


def _spread(container: InputContainer, stream: Any) -> Iterator[Any]:
    start = container.start_time or 0
    for place in _PLACES:
        try:
            container.seek(start + int((container.duration or 0) * place))
        except av.FFmpegError:
            continue
        yield from _first(container, stream, 1)


def _between(container: InputContainer, stream: Any) -> Iterator[Any]:
    """Yield frames between the key frames: a film that fades in may have one of these alone, and black."""
    until = time.process_time() + _CPU_SECONDS
    container.seek(container.start_time or 0)
    stream.codec_context.skip_frame = "DEFAULT"
    for number, frame in enumerate(_first(container, stream, _MAX_PACKETS)):
        if time.process_time() > until:
            return
        if number % _STRIDE == 0:
            yield frame


def _first(container: InputContainer, stream: Any, number: int) -> Iterator[Any]:
    """Yield the next frames, as many as there are within the bound of packets."""
    found = 0
    for packets, packet in enumerate(container.demux(stream)):
        try:
            frames = packet.decode()
        except av.InvalidDataError:  # a recording may begin between two key frames
            frames = []
        yield from frames[: number - found]
        found += len(frames)
        if found >= number or packets >= _MAX_PACKETS:
            return


def _upright(frame: Any, aspect: Fraction | int) -> Image.Image:
    """Return the frame small, with square pixels, turned as players turn it."""
    width, height = frame.width * aspect, frame.height
    scale = min(1, EDGE / max(width, height))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    picture: Image.Image = frame.to_image(width=size[0], height=size[1], interpolation="AREA", threads=1)
    turned = rotation(frame) or 0
    return picture.rotate(-turned, expand=True) if turned else picture
