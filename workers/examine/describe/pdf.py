"""PDF, by PDFium; it leaves rendering and every other document to others."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any, BinaryIO

import pypdfium2
from pypdfium2 import raw

from shared.metadata import PdfMetadata
from workers.examine.describe import Described, Unreadable

KIND = "pdf"

TEXT_PAGES = 8
"""How many of the first pages are searched for characters."""

_UNTOLD = frozenset({"title", "author", "producer"})


def prepare() -> None:
    """Nothing is needed: PDFium is initialised when it is imported."""


def describe(file: BinaryIO, media_type: str) -> Described:
    """Return pages, title and what else the document tells of itself, reading only the parts that hold it."""
    del media_type
    file.seek(0)
    try:
        document = pypdfium2.PdfDocument(file)
    except pypdfium2.PdfiumError as fault:
        # https://pdfium.googlesource.com/pdfium/+/refs/heads/main/public/fpdfview.h, FPDF_GetLastError
        if fault.err_code == raw.FPDF_ERR_PASSWORD:
            return Described(PdfMetadata(encrypted=True), ("the PDF needs a password, so nothing in it could be read",))
        raise Unreadable(str(fault)) from fault
    with closing(document), _faults_named():
        return _described(document)


def _described(document: Any) -> Described:
    pages = len(document)
    if not pages:
        raise Unreadable("The PDF has no page.")
    width, height = document.get_page_size(0)
    version = document.get_version()
    said = document.get_metadata_dict(skip_empty=True)
    metadata = PdfMetadata(
        encrypted=False,
        pages=pages,
        version=f"{version // 10}.{version % 10}" if version else None,
        title=said.get("Title"),
        author=said.get("Author"),
        producer=said.get("Producer"),
        page_width=round(width, 3),
        page_height=round(height, 3),
        has_text=any(_has_text(document, number) for number in range(min(pages, TEXT_PAGES))),
        signatures=max(0, raw.FPDF_GetSignatureCount(document)),
        attachments=document.count_attachments(),
        tagged=document.is_tagged(),
    )
    return Described.of(metadata, absent=_UNTOLD)


def _has_text(document: Any, number: int) -> bool:
    with closing(document[number]) as page, closing(page.get_textpage()) as text:
        return bool(text.count_chars())


@contextmanager
def _faults_named() -> Iterator[None]:
    try:
        yield
    except pypdfium2.PdfiumError as fault:
        raise Unreadable(str(fault)) from fault
