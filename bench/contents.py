"""The files that are described: text, photograph, video, document; it leaves describing them to cage.py."""

import io
from pathlib import Path

from PIL import Image

from bench.payload import padded_clip

TEXT_BYTES = 4096
VIDEO_BYTES = 10_000_000
PAGES = 50
PHOTO_SIZE = (4000, 3000)
PHOTO_QUALITY = 92
"""With which the photograph takes 2 MB."""


def text(path: Path) -> None:
    """Write 4 KiB of numbered lines."""
    lines = "".join(f"{number}: Grüße, and a plain line of text\n" for number in range(TEXT_BYTES // 32))
    path.write_text(lines.encode()[:TEXT_BYTES].decode(errors="ignore"), encoding="utf-8")


def photo(path: Path) -> None:
    """Write a JPEG of 12 megapixels: clouds in two colours, with a sensor's noise in the third."""
    width, height = PHOTO_SIZE
    near, far = (_clouds(width // scale, height // scale) for scale in (40, 100))
    noisy = Image.blend(near, Image.effect_noise(PHOTO_SIZE, 14), 0.35)
    Image.merge("RGB", (noisy, near, far)).save(path, "JPEG", quality=PHOTO_QUALITY)


def video(path: Path) -> None:
    """Write an MP4 of 10 MB."""
    padded_clip(path, VIDEO_BYTES)


def document(path: Path) -> None:
    """Write a PDF of 50 pages with 40 lines on each (ISO 32000-1, section 7.5)."""
    first = 4
    kids = " ".join(f"{first + 2 * number} 0 R" for number in range(PAGES))
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Count {PAGES}/Kids[{kids}]>>",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        *(part for number in range(PAGES) for part in _page(number, first + 2 * number + 1)),
    ]
    path.write_bytes(_pdf(objects))


def _clouds(width: int, height: int) -> Image.Image:
    return Image.effect_noise((width, height), 120).resize(PHOTO_SIZE, Image.Resampling.BICUBIC)


def _page(number: int, content: int) -> tuple[str, str]:
    lines = "".join(f"(Page {number + 1}, line {line} of a document) Tj T* " for line in range(40))
    shown = f"BT /F1 12 Tf 18 TL 72 760 Td {lines}ET"
    box = "/MediaBox[0 0 595 842]/Resources<</Font<</F1 3 0 R>>>>"
    return (
        f"<</Type/Page/Parent 2 0 R{box}/Contents {content} 0 R>>",
        f"<</Length {len(shown)}>>\nstream\n{shown}\nendstream",
    )


def _pdf(objects: list[str]) -> bytes:
    body, table = io.BytesIO(b"%PDF-1.7\n"), ""
    body.seek(0, io.SEEK_END)
    for number, content in enumerate(objects, 1):
        table += f"{body.tell():010} 00000 n \n"
        body.write(f"{number} 0 obj\n{content}\nendobj\n".encode())
    start, size = body.tell(), len(objects) + 1
    trailer = f"trailer\n<</Size {size}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n"
    body.write(f"xref\n0 {size}\n0000000000 65535 f \n{table}{trailer}".encode())
    return body.getvalue()
