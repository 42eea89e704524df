"""Make a small real video: moving bars with a tone, as MP4 with H.264 and AAC; it leaves sending it to the demo."""

import math
from array import array
from fractions import Fraction
from pathlib import Path

import av

WIDTH, HEIGHT, FRAMES_PER_SECOND = 320, 240, 25
SAMPLES_PER_SECOND, TONE_HERTZ = 44_100, 440


def make_clip(path: Path, seconds: int = 2) -> None:
    """Write the clip to `path`."""
    with av.open(str(path), "w", format="mp4") as container:
        video = container.add_stream("h264", FRAMES_PER_SECOND)
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        audio = container.add_stream("aac", SAMPLES_PER_SECOND, layout="mono")
        for number in range(seconds * FRAMES_PER_SECOND):
            container.mux(video.encode(_picture(number)))
        container.mux(video.encode())
        for first in range(0, seconds * SAMPLES_PER_SECOND, 1024):
            container.mux(audio.encode(_tone(first)))
        container.mux(audio.encode())


def _picture(number: int) -> av.VideoFrame:
    """Return bars of grey that move by four pixels with each frame, in changing colours."""
    frame = av.VideoFrame(WIDTH, HEIGHT, "yuv420p")
    luma, blue, red = frame.planes
    row = bytes((x + 4 * number) // 40 * 40 % 256 for x in range(luma.line_size))
    luma.update(row * luma.height)
    blue.update(bytes([128 + number % 64]) * blue.buffer_size)
    red.update(bytes([128 - number % 64]) * red.buffer_size)
    frame.pts, frame.time_base = number, Fraction(1, FRAMES_PER_SECOND)
    return frame


def _tone(first: int) -> av.AudioFrame:
    frame = av.AudioFrame("fltp", "mono", 1024)
    step = 2 * math.pi * TONE_HERTZ / SAMPLES_PER_SECOND
    frame.planes[0].update(array("f", (math.sin((first + i) * step) / 4 for i in range(1024))).tobytes())
    frame.sample_rate, frame.pts, frame.time_base = SAMPLES_PER_SECOND, first, Fraction(1, SAMPLES_PER_SECOND)
    return frame
