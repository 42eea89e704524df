"""Makes sample files of every kind by code, so that nothing is downloaded; the tests say what they expect."""

import io
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from PIL import Image

WIDTH, HEIGHT, FRAMES, RATE = 64, 48, 10, 25
SAMPLE_RATE = 48_000


def video(
    container: str = "mp4",
    codec: str = "libx264",
    audio_codec: str | None = None,
    frames: int = FRAMES,
    **options: str,
) -> bytes:
    """Return `frames` grey frames of 64 by 48 at 25 a second, with as much silence if an audio codec is named."""
    target = io.BytesIO()
    with av.open(target, "w", format=container, options=options) as out:
        picture: Any = out.add_stream(codec, rate=RATE, width=WIDTH, height=HEIGHT, pix_fmt="yuv420p")
        sound: Any = out.add_stream(audio_codec, rate=SAMPLE_RATE, layout="stereo") if audio_codec else None
        for number in range(frames):
            frame = av.VideoFrame.from_image(Image.new("RGB", (WIDTH, HEIGHT), (number * 20 % 256, 80, 80)))
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            out.mux(picture.encode(frame))
        if sound:
            _write_silence(out, sound, SAMPLE_RATE * frames // RATE)
        out.mux(picture.encode(None))
    return target.getvalue()


def audio(container: str, codec: str, seconds: int = 1, layout: str = "stereo") -> bytes:
    """Return `seconds` of silence at 48 kHz."""
    target = io.BytesIO()
    with av.open(target, "w", format=container) as out:
        stream: Any = out.add_stream(codec, rate=SAMPLE_RATE, layout=layout)
        _write_silence(out, stream, SAMPLE_RATE * seconds)
    return target.getvalue()


def _write_silence(out: Any, stream: Any, samples: int) -> None:
    size = stream.codec_context.frame_size or 1024
    context = stream.codec_context
    for start in range(0, samples, size):
        frame = av.AudioFrame(context.format.name, context.layout.name, min(size, samples - start))
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        frame.sample_rate, frame.pts, frame.time_base = SAMPLE_RATE, start, Fraction(1, SAMPLE_RATE)
        out.mux(stream.encode(frame))
    out.mux(stream.encode(None))


def image(format_: str, mode: str = "RGB", size: tuple[int, int] = (32, 24), frames: int = 1) -> bytes:
    """Return `frames` plain pictures of 32 by 24, each of another shade."""
    target = io.BytesIO()
    pictures = [Image.new(mode, size, 40 * number) for number in range(frames)]
    more = {"save_all": True, "append_images": pictures[1:]} if frames > 1 else {}
    pictures[0].save(target, format_, **more)
    return target.getvalue()


def elf() -> bytes:
    """Return the first 4 KiB of the running interpreter: a real executable's head."""
    with Path(sys.executable).open("rb") as file:
        return file.read(4096)


def text(encoding: str) -> bytes:
    """Return three lines with letters beyond ASCII, the second one the longest with 30 characters."""
    return "Grüße\nSchöne Straßen führen zum Café\nEnde".encode(encoding)


def photo(**options: Any) -> bytes:
    """Return a JPEG of 160 by 120 noisy pixels, written with these options of Pillow's."""
    target = io.BytesIO()
    Image.effect_noise((160, 120), 80).convert("RGB").save(target, "JPEG", **options)
    return target.getvalue()
