"""Makes videos, sounds and pictures that tell much of themselves; the tests say what they expect.

`GOOD` and `CUT` name them all.
"""

import io
import struct
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import av
from PIL import Image, ImageCms, TiffImagePlugin

from tests.unit import samples

TAGS = {"title": "A Title", "artist": "A. Singer", "album": "An Album", "track": "3/12"}
PLACE = "+48.8577-002.2950+035.000/"
_QUIET = "log-level=none:pools=none:frame-threads=1:bframes=0"


def tagged_video(
    container: str = "mp4",
    codec: str = "libx264",
    change: Callable[[Any, Any], None] = lambda out, stream: None,
    *,
    pixels: str = "yuv420p",
    size: tuple[int, int] = (64, 48),
    shades: tuple[int, ...] = (80,) * 10,
    options: Mapping[str, str] | None = None,
    **tags: str,
) -> bytes:
    """Return a video of a frame for each shade, after `change` has set what it wants on container and stream."""
    target = io.BytesIO()
    codec_options = {"x265-params": _QUIET} if codec == "libx265" else {"g": "1"}
    with av.open(target, "w", format=container, options=dict(options or {})) as out:
        out.metadata.update(tags)
        stream: Any = out.add_stream(codec, rate=25, width=size[0], height=size[1], pix_fmt=pixels)
        stream.options = codec_options
        change(out, stream)
        for number, shade in enumerate(shades):
            frame = av.VideoFrame.from_image(gradient(size, shade))
            frame.pts, frame.time_base = number, Fraction(1, 25)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return target.getvalue()


def gradient(size: tuple[int, int], shade: int) -> Image.Image:
    """Return a picture from black to the shade, brighter to the right."""
    return Image.linear_gradient("L").rotate(90).resize(size).point(lambda value: value * shade // 255).convert("RGB")


def rotated(degrees: int, container: str = "mp4") -> bytes:
    """Return a video that players turn clockwise."""
    return tagged_video(container, change=lambda _, stream: stream.set_display_rotation(-degrees))


def singular() -> bytes:
    """Return a video whose display matrix maps everything to one point."""
    return tagged_video(change=lambda _, stream: stream.set_display_matrix([0] * 9))


def wide() -> bytes:
    """Return a video with pixels a third wider than high."""

    def change(_: Any, stream: Any) -> None:
        stream.codec_context.sample_aspect_ratio = Fraction(4, 3)

    return tagged_video(change=change)


def hdr(transfer: int, codec_tag: str = "hvc1") -> bytes:
    """Return a video of ten bits with BT.2020's colours and a transfer by its code point of ITU-T H.273."""

    def change(_: Any, stream: Any) -> None:
        context = stream.codec_context
        context.color_trc, context.color_primaries, context.colorspace = transfer, 9, 9
        context.codec_tag = codec_tag

    return tagged_video("mp4", "libx265", change, pixels="yuv420p10le", options={"strict": "unofficial"})


def chaptered(container: str = "matroska") -> bytes:
    """Return a video with two chapters and a named stream in German."""

    def change(out: Any, stream: Any) -> None:
        second = Fraction(1, 1000)
        out.set_chapters(
            [
                {"id": 1, "start": 0, "end": 200, "time_base": second, "metadata": {"title": "one"}},
                {"id": 2, "start": 200, "end": 400, "time_base": second, "metadata": {"title": "two"}},
            ]
        )
        stream.metadata.update(language="deu", title="Main")

    return tagged_video(container, change=change)


def tagged_sound(container: str, codec: str, rate: int = 48_000, bit_rate: int | None = 64_000) -> bytes:
    """Return a second of a rising tone with tags."""
    target = io.BytesIO()
    with av.open(target, "w", format=container) as out:
        out.metadata.update(TAGS)
        stream: Any = out.add_stream(codec, rate=rate, layout="mono")
        if bit_rate:
            stream.bit_rate = bit_rate
        _write_tone(out, stream, rate)
    return target.getvalue()


def _write_tone(out: Any, stream: Any, rate: int) -> None:
    resampler = av.AudioResampler(stream.codec_context.format, "mono", rate)
    size = stream.codec_context.frame_size or 1024
    for start in range(0, rate, size):
        levels = (round(30_000 * at / rate) * (1 if at // 50 % 2 else -1) for at in range(start, start + size))
        frame = av.AudioFrame("s16", "mono", size)
        frame.planes[0].update(struct.pack(f"<{size}h", *levels).ljust(frame.planes[0].buffer_size, b"\0"))
        frame.sample_rate, frame.pts, frame.time_base = rate, start, Fraction(1, rate)
        for ready in resampler.resample(frame):
            out.mux(stream.encode(ready))
    out.mux(stream.encode(None))


def covered() -> bytes:
    """Return an MP3 with a picture in its ID3 tag."""
    picture = b"\0image/png\0\x03\0" + samples.image("PNG")
    tag = b"APIC" + struct.pack(">I", len(picture)) + b"\0\0" + picture
    size = bytes(len(tag) >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\x03\0\0" + size + tag + samples.audio("mp3", "libmp3lame")


def camera_exif(orientation: int = 6) -> Image.Exif:
    """Return what a camera writes, its position included."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0131], exif[0x0112] = "Maker", "Camera 1", "Program", orientation
    exif.get_ifd(0x8769).update(
        {
            0x829A: TiffImagePlugin.IFDRational(1, 250),
            0x829D: TiffImagePlugin.IFDRational(28, 10),
            0x8827: 200,
            0x9003: "2024:05:01 12:34:56",
            0x9011: "+02:00",
            0x9209: 1,
            0x920A: TiffImagePlugin.IFDRational(50, 1),
            0xA434: "Lens 50",
        }
    )
    exif.get_ifd(0x8825).update(
        {1: "N", 2: (48.0, 51.0, 29.5), 3: "W", 4: (2.0, 17.0, 40.2), 5: b"\0", 6: TiffImagePlugin.IFDRational(71, 2)}
    )
    return exif


def photo(format_: str = "JPEG", orientation: int = 6, **options: Any) -> bytes:
    """Return a red half beside a blue one, 32 by 24, with EXIF and an ICC profile."""
    picture = Image.new("RGB", (32, 24), "blue")
    picture.paste("red", (0, 0, 16, 24))
    target = io.BytesIO()
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    picture.save(
        target, format_, **{"exif": camera_exif(orientation), "icc_profile": profile, "dpi": (300, 300), **options}
    )
    return target.getvalue()


def animation(format_: str, frames: int = 3) -> bytes:
    """Return frames of 32 by 24 that stand 100 ms each."""
    pictures = [Image.new("RGB", (32, 24), (40 * number % 256, number % 256, 0)) for number in range(frames)]
    target = io.BytesIO()
    pictures[0].save(target, format_, save_all=True, append_images=pictures[1:], duration=100)
    return target.getvalue()


def gif_of(frames: int) -> bytes:
    """Return a GIF of as many frames, each of one pixel."""
    frame = b"!\xf9\x04\0\x0a\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0"
    return b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff" + frame * frames + b";"


def tiff_chain(directories: int, *, endless: bool = False) -> bytes:
    """Return a TIFF of one pixel, followed by as many directories without entries; an endless one loops."""
    first = samples.image("TIFF", size=(1, 1))
    order = "<" if first[:2] == b"II" else ">"
    (start,) = struct.unpack_from(order + "I", first, 4)
    (entries,) = struct.unpack_from(order + "H", first, start)
    link, size = start + 2 + 12 * entries, len(first)
    places = [size + 18 * number for number in range(directories)]
    after = [*places[1:], places[0] if endless and places else 0]
    width = struct.pack(order + "HHIHH", 256, 3, 1, 1, 0)
    more = b"".join(struct.pack(order + "H", 1) + width + struct.pack(order + "I", place) for place in after)
    return first[:link] + struct.pack(order + "I", size if places else 0) + first[link + 4 :] + more


def cut(content: bytes, part: float = 0.8) -> bytes:
    """Return the beginning of a file."""
    return content[: int(len(content) * part)]


GOOD: Mapping[str, Callable[[], bytes]] = {
    "rotated.mp4": lambda: rotated(90),
    "rotated.mkv": lambda: rotated(90, "matroska"),
    "wide.mp4": wide,
    "hdr10.mp4": lambda: hdr(16),
    "hlg.mp4": lambda: hdr(18),
    "chapters.mkv": chaptered,
    "located.mov": lambda: tagged_video("mov", location=PLACE, creation_time="2024-05-01T10:00:00Z", title="A Title"),
    "tagged.mp3": lambda: tagged_sound("mp3", "libmp3lame"),
    "tagged.flac": lambda: tagged_sound("flac", "flac", bit_rate=None),
    "tagged.m4a": lambda: tagged_sound("ipod", "aac"),
    "tagged.opus": lambda: tagged_sound("ogg", "libopus"),
    "covered.mp3": covered,
    "speech.amr": lambda: tagged_sound("amr", "libopencore_amrnb", 8000, 12_200),
    "photo.jpg": photo,
    "photo.png": lambda: photo("PNG"),
    "photo.webp": lambda: photo("WEBP"),
    "photo.tif": lambda: photo("TIFF"),
    "photo.avif": lambda: photo("AVIF"),
    "moving.gif": lambda: animation("GIF"),
    "moving.png": lambda: animation("PNG"),
    "moving.webp": lambda: animation("WEBP"),
}
"""Name → what makes the file."""

CUT: Mapping[str, Callable[[], bytes]] = {
    "cut.mp4": lambda: cut(samples.video(frames=50, moov_size="4096")),
    "cut-fragments.mp4": lambda: cut(samples.video(frames=50, movflags="frag_every_frame+empty_moov")),
    "cut.avi": lambda: cut(samples.video("avi", "mpeg4", frames=50)),
    "cut.mkv": lambda: cut(samples.video("matroska", frames=50)),
    "cut.webm": lambda: cut(samples.video("webm", "libvpx-vp9")),
    "cut.ts": lambda: cut(samples.video("mpegts", "mpeg2video")),
    "cut.flv": lambda: cut(samples.video("flv", "flv")),
    "cut.wmv": lambda: cut(samples.video("asf", "wmv2")),
    "cut.wav": lambda: cut(samples.audio("wav", "pcm_s16le")),
    "cut.aiff": lambda: cut(samples.audio("aiff", "pcm_s16be")),
    "cut.mp3": lambda: cut(samples.audio("mp3", "libmp3lame")),
    "cut.ogg": lambda: cut(samples.audio("ogg", "flac", seconds=30), 0.95),
}
"""Files that lack their end and can be described all the same."""
