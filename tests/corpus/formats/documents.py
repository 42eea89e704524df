"""Writes PDF files object by object (ISO 32000-1, section 7.5), sound and looping."""

from collections.abc import Mapping

CATALOG = b"<</Type/Catalog/Pages 2 0 R>>"


def pdf(objects: Mapping[int, bytes], trailer: bytes = b"", before: bytes = b"") -> bytes:
    """Return a file of these objects by number; the first is the catalog."""
    parts, offsets = [before, b"%PDF-1.6\n%\xe2\xe3\xcf\xd3\n"], {}
    length = sum(map(len, parts))
    for number, text in objects.items():
        offsets[number] = length
        parts.append(b"%d 0 obj\n%s\nendobj\n" % (number, text))
        length += len(parts[-1])
    size = max(objects) + 1
    free = b"0000000000 65535 f \n"
    rows = (b"%010d 00000 n \n" % offsets[n] if n in offsets else free for n in range(size))
    parts += [b"xref\n0 %d\n" % size, *rows]
    parts.append(b"trailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (size, trailer, length))
    return b"".join(parts)


def stream(content: bytes, entries: bytes = b"") -> bytes:
    """Return a stream object."""
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (entries, len(content), content)


def one_page(shown: bytes, resources: bytes = b"<<>>", catalog: bytes = CATALOG) -> dict[int, bytes]:
    """Return the objects of a document with one page of 200 by 100 points, which runs `shown`."""
    return {
        1: catalog,
        2: b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
        3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Resources%s/Contents 4 0 R>>" % resources,
        4: stream(shown),
    }
