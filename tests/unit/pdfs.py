"""Writes PDF files by hand, sound and broken; the tests say what they expect."""

from collections.abc import Sequence


def pdf(objects: Sequence[bytes], trailer: bytes = b"", version: bytes = b"1.7") -> bytes:
    """Return a file of these objects, numbered from 1; the first one is the catalog (ISO 32000-1, section 7.5)."""
    body, offsets = b"%PDF-" + version + b"\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    end = b"trailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (size, trailer, len(body))
    return body + b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table) + end


def stream(content: bytes, entries: bytes = b"") -> bytes:
    """Return a stream object."""
    return b"<</Length %d%s>>\nstream\n%s\nendstream" % (len(content), entries, content)


def pages(number: int, text: str = "", trailer: bytes = b"", catalog: bytes = b"", info: bytes = b"") -> bytes:
    """Return a PDF of as many A4 pages, which all show the same text."""
    kids = b" ".join(b"5 0 R" for _ in range(number))
    shown = stream(b"BT /F1 12 Tf 72 720 Td (%s) Tj ET" % text.encode() if text else b"")
    objects = [
        b"<</Type/Catalog/Pages 2 0 R%s>>" % catalog,
        b"<</Type/Pages/Count %d/Kids[%s]>>" % (number, kids),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        shown,
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 3 0 R>>>>/Contents 4 0 R>>",
        b"<<%s>>" % info,
    ]
    return pdf(objects, b"/Info 6 0 R" + trailer)


def encrypted() -> bytes:
    """Return a PDF whose password nobody knows (ISO 32000-1, section 7.6.3)."""
    unknown = b"<" + b"5a" * 32 + b">"
    lock = b"/Encrypt<</Filter/Standard/V 1/R 2/P -4/O%s/U%s>>/ID[<00><00>]" % (unknown, unknown)
    return pages(1, "secret", lock)
