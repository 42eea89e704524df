"""Encodes short films and sounds with FFmpeg's own writers: what the parsers ought to read."""

import io
import itertools
from fractions import Fraction
from typing import Any

import av
import numpy as np

WIDTH, HEIGHT, RATE = 96, 64, 10
SAMPLE_RATE = 44_100
_RATES = {"libopus": 48_000, "libopencore_amrnb": 8_000}
# The same bytes each time: nothing that looks ahead in a thread of its own.
_STEADY = {
    "libx264": {"x264-params": "threads=1:lookahead-threads=1:sync-lookahead=0:rc-lookahead=0:mbtree=0"},
    "libx265": {"x265-params": "log-level=none:pools=none"},
}


def film(
    container: str,
    picture: str | None,
    sound: str | None = None,
    *,
    seconds: int = 1,
    tags: dict | None = None,
    **options,
) -> bytes:
    """Return moving grey bars with a hum; options go to the container's writer."""
    target = io.BytesIO()
    with av.open(target, "w", format=container, options={"fflags": "+bitexact", **options}) as out:
        out.metadata.update(tags or {})
        streams: list[Any] = []
        if picture:
            streams.append(_picture(out, picture))
        if sound:
            streams.append(_sound(out, sound))
        for second in range(seconds):
            for stream in streams:
                out.mux(itertools.chain.from_iterable(stream.encode(frame) for frame in _frames(stream, second)))
        for stream in streams:
            out.mux(stream.encode(None))
    return target.getvalue()


def _picture(out: Any, codec: str) -> Any:
    options = _STEADY.get(codec, {})
    stream = out.add_stream(codec, rate=RATE, width=WIDTH, height=HEIGHT, pix_fmt="yuv420p", options=options)
    stream.codec_context.thread_count = 1  # the same bytes each time
    return stream


def _sound(out: Any, codec: str) -> Any:
    rate = _RATES.get(codec, SAMPLE_RATE)
    options = {"strict": "-2"} if codec == "vorbis" else {}  # FFmpeg calls its own encoder an experiment
    stream = out.add_stream(codec, rate=rate, layout="mono" if "amr" in codec else "stereo", options=options)
    if codec == "wmav2":
        stream.bit_rate = 128_000
    return stream


def _frames(stream: Any, second: int) -> Any:
    return _pictures(stream, second) if stream.type == "video" else _sounds(stream, second)


def _pictures(stream: Any, second: int) -> Any:
    for number in range(second * RATE, (second + 1) * RATE):
        bars = np.full((HEIGHT, WIDTH, 3), 40, dtype=np.uint8)
        bars[:, (number * 7) % WIDTH :] = 200
        frame = av.VideoFrame.from_ndarray(bars, format="rgb24").reformat(format=stream.codec_context.pix_fmt)
        frame.pts, frame.time_base = number, Fraction(1, RATE)
        yield frame


def _sounds(stream: Any, second: int) -> Any:
    context = stream.codec_context
    rate, channels = context.sample_rate, context.layout.nb_channels
    hum = np.sin(np.arange(rate) * (2 * np.pi * 200 / rate)) * 0.2
    samples = np.tile((hum * 32767).astype(np.int16), (channels, 1)).T.reshape(1, -1).copy()
    frame = av.AudioFrame.from_ndarray(samples, format="s16", layout=context.layout.name)
    frame.sample_rate, frame.pts, frame.time_base = rate, second * rate, Fraction(1, rate)
    resampler = av.AudioResampler(context.format.name, context.layout.name, rate, context.frame_size or None)
    return itertools.chain(resampler.resample(frame), resampler.resample(None))
