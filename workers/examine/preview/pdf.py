"""The first page of a PDF on white, by PDFium; it leaves everything else of PDFs to the describer."""

from contextlib import closing
from typing import BinaryIO

import pypdfium2
from PIL import Image

from workers.examine.preview import EDGE, NoPreview

KIND = "pdf"


def prepare() -> None:
    """Nothing is needed: PDFium is initialised when it is imported."""


def paint(file: BinaryIO, media_type: str) -> Image.Image:
    """Return the first page, its longer side as long as a preview's."""
    del media_type
    file.seek(0)
    try:
        with closing(pypdfium2.PdfDocument(file)) as document, closing(document[0]) as page:
            longer = max(page.get_size())
            if longer <= 0:
                raise NoPreview
            picture: Image.Image = page.render(scale=EDGE / longer).to_pil()
            return picture.convert("RGB")
    except (pypdfium2.PdfiumError, IndexError) as fault:  # a password, a broken file, no page
        raise NoPreview from fault
