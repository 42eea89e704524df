"""PDF, by PDFium; it leaves rendering and every other document to others."""

from contextlib import closing
from dataclasses import replace
from typing import Any, BinaryIO

import pypdfium2
from pypdfium2 import raw

from shared.metadata import PdfMetadata
from workers.examine.describe import Described, Unreadable
from workers.examine.describe._pdf_scripts import names_script
from workers.examine.describe._times import from_pdf

KIND = "pdf"

TEXT_PAGES = 8
"""How many of the first pages are searched for characters."""

_UNTOLD = frozenset({"title", "author", "producer", "javascript"})

# https://pdfium.googlesource.com/pdfium/+/refs/heads/main/public/fpdf_formfill.h, FORMTYPE
_FORMS = {
    raw.FORMTYPE_NONE: "none",
    raw.FORMTYPE_ACRO_FORM: "acroform",
    raw.FORMTYPE_XFA_FULL: "xfa",
    raw.FORMTYPE_XFA_FOREGROUND: "xfa",
}


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
    with closing(document):
        metadata, untold = _told(document, file)
    first = Described.of(metadata, absent=untold)
    # Refused the memory for a page, PDFium ends the process.
    # https://pdfium.googlesource.com/pdfium/+/refs/heads/main/core/fxcrt/fx_memory.h
    return replace(first, look_further=lambda: Described.of(_searched(metadata, file), absent=untold))


def _told(document: Any, file: BinaryIO) -> tuple[PdfMetadata, frozenset[str]]:
    """Return all but whether there is text, and the fields that may be untold."""
    width, height = _first_size(document)
    version = document.get_version()
    said = document.get_metadata_dict(skip_empty=True)
    metadata = PdfMetadata(
        encrypted=False,
        pages=_pages(document),
        version=f"{version // 10}.{version % 10}" if version else None,
        title=said.get("Title"),
        author=said.get("Author"),
        producer=said.get("Producer"),
        created=from_pdf(said.get("CreationDate", "")),
        modified=from_pdf(said.get("ModDate", "")),
        page_width=round(width, 3),
        page_height=round(height, 3),
        signatures=max(0, raw.FPDF_GetSignatureCount(document)),
        attachments=document.count_attachments(),
        tagged=document.is_tagged(),
        javascript=raw.FPDFDoc_GetJavaScriptActionCount(document) > 0 or names_script(file),
        forms=_FORMS.get(document.get_formtype()),
    )
    undated = {field for field, name in (("created", "CreationDate"), ("modified", "ModDate")) if name not in said}
    return metadata, _UNTOLD | undated


def _first_size(document: Any) -> tuple[float, float]:
    """Return the first page's width and height in points; raise Unreadable where there is no page."""
    if not len(document):
        raise Unreadable("The PDF has no page.")
    try:
        size: tuple[float, float] = document.get_page_size(0)
    except pypdfium2.PdfiumError as fault:
        raise Unreadable(str(fault)) from fault
    return size


def _pages(document: Any) -> int | None:
    """Return the number of pages, None where the document claims more than it has."""
    pages = len(document)
    try:
        document.get_page_size(pages - 1)
    except pypdfium2.PdfiumError:
        return None
    return pages


def _searched(metadata: PdfMetadata, file: BinaryIO) -> PdfMetadata:
    return metadata.model_copy(update={"has_text": _has_text(file)})


def _has_text(file: BinaryIO) -> bool | None:
    """Tell whether the first pages hold a character, None where one without any cannot be read."""
    file.seek(0)
    try:
        with closing(pypdfium2.PdfDocument(file)) as document:
            return any(_page_has_text(document, number) for number in range(min(len(document), TEXT_PAGES)))
    except pypdfium2.PdfiumError:
        return None


def _page_has_text(document: Any, number: int) -> bool:
    with closing(document[number]) as page, closing(page.get_textpage()) as text:
        return bool(text.count_chars())
