"""Whether a PDF names a script anywhere, told by its bytes; it leaves the document's own list of scripts to PDFium.

PDFium lists the scripts of the whole document, not those that a page, a field or opening it starts:
ISO 32000-1, sections 12.6.2 and 12.6.4.16.
"""

import re
from typing import BinaryIO

_MAX_BYTES = 64 * 1024 * 1024
_CHUNK_BYTES = 1024 * 1024
_OVERLAP_BYTES = 64
_SCRIPT = re.compile(rb"/(?:JavaScript|JS)(?![A-Za-z0-9])")
# Objects within compressed streams, or a name with a letter as a number: what the bytes say is not all there is.
_HIDING = re.compile(rb"/ObjStm|/[A-Za-z]*#[0-9A-Fa-f]{2}|/Encrypt")


def names_script(file: BinaryIO) -> bool | None:
    """Return whether a script is named; None where none is seen but one may be hidden from us."""
    file.seek(0)
    hiding = False
    read, rest = 0, b""
    while read < _MAX_BYTES and (chunk := file.read(_CHUNK_BYTES)):
        text = rest + chunk
        if _SCRIPT.search(text):
            return True
        hiding = hiding or bool(_HIDING.search(text))
        read, rest = read + len(chunk), text[-_OVERLAP_BYTES:]
    return None if hiding or file.read(1) else False
