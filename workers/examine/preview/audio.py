"""The loudness of a sound over time as a picture; it leaves opening containers to the describers."""

from collections.abc import Iterator
from typing import Any, BinaryIO

import av
import numpy as np
from av.container import InputContainer
from PIL import Image, ImageDraw

from workers.examine.describe._streams import opened, prepare, sounds
from workers.examine.preview import EDGE, NoPreview

__all__ = ["KIND", "paint", "prepare"]

KIND = "audio"

_HEIGHT = 128
_BARS = 128
_BAR_WIDTH = EDGE // _BARS
_COLOUR = (88, 110, 170, 255)
_BLOCK_SAMPLES = 512
_MAX_SECONDS = 240
"""A longer sound is not decoded whole: a little of it is for each bar."""


def paint(file: BinaryIO, media_type: str) -> Image.Image:
    """Return a bar for each part of the sound, as high as its loudest sample, on a transparent ground."""
    with opened(file, media_type) as media:
        sound = next(iter(sounds(media.container)), None)
        if sound is None or not sound.codec_context or not sound.sample_rate:
            raise NoPreview
        sound.codec_context.thread_count = 1  # the cage lets none start
        peaks = _peaks(media.container, sound)
    if not peaks:
        raise NoPreview
    return _drawn(peaks)


def _peaks(container: InputContainer, sound: Any) -> list[float]:
    seconds = (container.duration or 0) / av.time_base
    if seconds > _MAX_SECONDS:
        return list(_sampled(container, sound, seconds))
    peaks = [peak for peak, _ in _decoded(container, sound, _MAX_SECONDS)]
    parts = np.array_split(np.array(peaks), min(_BARS, len(peaks) or 1))
    return [float(part.max()) for part in parts if part.size]


def _sampled(container: InputContainer, sound: Any, seconds: float) -> Iterator[float]:
    start = container.start_time or 0
    for bar in range(_BARS):
        try:
            container.seek(start + int(seconds * bar / _BARS * av.time_base))
        except av.FFmpegError:
            return
        yield max((peak for peak, _ in _decoded(container, sound, 0.1)), default=0.0)


def _decoded(container: InputContainer, sound: Any, seconds: float) -> Iterator[tuple[float, float]]:
    """Yield the peak of each block of samples, 0 to 1, and the seconds at its end, up to a bound."""
    total = 0.0
    for packet in container.demux(sound):
        for frame in _frames(packet):
            blocks = _blocks(frame)
            for peak in blocks:
                total += frame.samples / sound.sample_rate / len(blocks)
                yield peak, total
        if total >= seconds:
            return


def _frames(packet: Any) -> list[Any]:
    try:
        return list(packet.decode())
    except av.InvalidDataError:  # what is broken is silent
        return []


def _blocks(frame: Any) -> list[float]:
    """Return the peak of each block of a frame: one of WAV lasts for a tenth of a second."""
    samples = frame.to_ndarray()
    parts = np.array_split(samples, max(1, frame.samples // _BLOCK_SAMPLES), axis=1)
    return [_peak(part) for part in parts]


def _peak(samples: Any) -> float:
    if samples.dtype == np.uint8:  # silence stands in the middle
        samples = samples.astype(np.int16) * 256 - 32768
    full = float(np.iinfo(samples.dtype).max) if samples.dtype.kind == "i" else 1.0
    loudest = max(abs(float(samples.max())), abs(float(samples.min()))) if samples.size else 0.0
    return min(1.0, loudest / full) if loudest == loudest else 0.0  # noqa: PLR0124 - no number equals itself but NaN


def _drawn(peaks: list[float]) -> Image.Image:
    picture = Image.new("RGBA", (EDGE, _HEIGHT))
    draw = ImageDraw.Draw(picture)
    for bar in range(_BARS):
        half = max(1, round(peaks[bar * len(peaks) // _BARS] * (_HEIGHT // 2 - 1)))
        left = bar * _BAR_WIDTH
        draw.rectangle((left, _HEIGHT // 2 - half, left + _BAR_WIDTH - 2, _HEIGHT // 2 + half), _COLOUR)
    return picture
