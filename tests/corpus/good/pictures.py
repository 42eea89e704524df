"""Pictures in every format that people send."""

import io
from typing import Any

from PIL import Image

from tests.corpus.formats import heif
from tests.corpus.items import good

WIDTH, HEIGHT = 40, 30


def told(format_: str, mode: str = "RGB", size: tuple[int, int] = (WIDTH, HEIGHT), **more: Any) -> dict[str, Any]:
    """Return what is told of a plain picture."""
    width, height = size
    sizes = {"width": width, "height": height, "display_width": width, "display_height": height}
    still = {"frames": 1, "animated": False, "bit_depth": 8, "has_alpha": mode == "RGBA"}
    return {"kind": "image", "format": format_, "mode": mode, **sizes, **still, **more}


def shades(number: int, mode: str = "RGB", size: tuple[int, int] = (WIDTH, HEIGHT)) -> list[Image.Image]:
    """Return plain pictures that differ."""
    colour = {"RGB": (40, 90, 140), "RGBA": (40, 90, 140, 128), "L": 40, "1": 1}[mode]
    return [Image.new(mode, size, colour).rotate(0).point(lambda v, n=n: min(255, v + 50 * n)) for n in range(number)]


def saved(format_: str, pictures: list[Image.Image], **options: Any) -> bytes:
    """Return the pictures in one file."""
    target = io.BytesIO()
    more = {"save_all": True, "append_images": pictures[1:]} if len(pictures) > 1 else {}
    pictures[0].save(target, format_, **more, **options)
    return target.getvalue()


@good("a PNG with transparency", "picture.png", "image/png", "image/png", told("PNG", "RGBA"))
def png() -> bytes:
    return saved("PNG", shades(1, "RGBA"))


@good(
    "an animated PNG",
    "picture.apng",
    "image/apng",
    "image/png",
    told("PNG", frames=3, animated=True, duration_seconds=0.3),
)
def apng() -> bytes:
    return saved("PNG", shades(3), duration=100)


@good(
    "a photograph with EXIF and a place",
    "photo.jpg",
    "image/jpeg",
    "image/jpeg",
    told(
        "JPEG",
        orientation=6,
        display_width=HEIGHT,
        display_height=WIDTH,
        exif={"make": "A maker", "model": "Model 1", "taken_at": "2024-05-06T07:08:09+02:00"},
    ),
)
def photograph() -> bytes:
    facts = Image.Exif()
    facts[0x010F], facts[0x0110], facts[0x0112] = "A maker", "Model 1", 6
    inner, place = facts.get_ifd(0x8769), facts.get_ifd(0x8825)
    inner[0x9003], inner[0x9011] = "2024:05:06 07:08:09", "+02:00"
    place.update({1: "N", 2: (48.0, 30.0, 0.0), 3: "E", 4: (9.0, 15.0, 0.0)})
    return saved("JPEG", shades(1), exif=facts)


@good("a grey JPEG", "picture.jpg", "image/jpeg", "image/jpeg", told("JPEG", "L"))
def grey() -> bytes:
    return saved("JPEG", shades(1, "L"))


@good(
    "an animated GIF",
    "picture.gif",
    "image/gif",
    "image/gif",
    told("GIF", "P", frames=3, animated=True, duration_seconds=0.3),
)
def gif() -> bytes:
    return saved("GIF", shades(3), duration=100)


@good(
    "an animated WebP",
    "picture.webp",
    "image/webp",
    "image/webp",
    told("WEBP", frames=2, animated=True, duration_seconds=0.2),
)
def webp() -> bytes:
    return saved("WEBP", shades(2), duration=100)


@good("a TIFF of three pages", "scan.tiff", "image/tiff", "image/tiff", told("TIFF", frames=3))
def tiff() -> bytes:
    return saved("TIFF", shades(3), compression="tiff_lzw")


@good("a bitmap", "picture.bmp", "image/bmp", "image/bmp", told("BMP", dpi=96.01))
def bmp() -> bytes:
    return saved("BMP", shades(1))


@good(
    "an icon",
    "favicon.ico",
    "image/x-icon",
    "image/vnd.microsoft.icon",
    told("ICO", "RGBA", (32, 32)),
)
def icon() -> bytes:
    return saved("ICO", shades(1, "RGBA", (32, 32)), sizes=[(16, 16), (32, 32)])


@good("an AVIF picture", "picture.avif", "image/avif", "image/avif", told("AVIF"))
def avif() -> bytes:
    return saved("AVIF", shades(1), max_threads=1)


@good("a JPEG 2000 picture", "picture.jp2", "image/jp2", "image/jp2", told("JPEG2000"))
def jpeg2000() -> bytes:
    return saved("JPEG2000", shades(1))


@good(
    "a picture from a newer phone",
    "photo.heic",
    "image/heic",
    "image/heic",
    told("HEIF", size=(heif.WIDTH, heif.HEIGHT)),
)
def heic() -> bytes:
    return heif.heic()


@good(
    "a drawing in SVG",
    "drawing.svg",
    "image/svg+xml",
    "image/svg+xml",
    {"kind": "text", "encoding": "utf-8", "lines": 2, "longest_line": 135},
)
def svg() -> bytes:
    shape = '<circle cx="50" cy="25" r="20" fill="#345"/>'
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<svg xmlns="http://www.w3.org/2000/svg" width="100" height="50" viewBox="0 0 100 50">{shape}</svg>\n'
    ).encode()
