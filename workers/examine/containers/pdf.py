"""PDF by its header, wherever readers look for it; it leaves the document to its describer."""

from workers.examine.content import Content

_PLACES = 1024
"""How many first bytes readers search: PDF 1.7 reference, appendix H, note 13."""
_END_BYTES = 2048
_NOTHING = b"\xef\xbb\xbf \t\r\n\0"


def look(content: Content) -> str | None:
    """Return application/pdf where the header is first, or where the end is a PDF's too: a text may speak of one."""
    place = header_place(content.head)
    if place is None:
        return None
    end = content.tail(_END_BYTES)
    return "application/pdf" if place == 0 or (b"startxref" in end and b"%%EOF" in end) else None


def header_place(head: bytes) -> int | None:
    """Return how many bytes precede the header, 0 for blanks too; None without one."""
    before, header, after = head[:_PLACES].partition(b"%PDF-")
    if not header or not after[:1].isdigit():
        return None
    return len(before) if before.strip(_NOTHING) else 0
