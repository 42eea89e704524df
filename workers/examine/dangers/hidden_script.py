"""Pictures whose first bytes read as JavaScript too; it leaves markup in them to hidden_markup.py.

The format's own mark becomes a variable or a comment: https://portswigger.net/research/bypassing-csp-using-polyglot-jpegs
"""

import re
from collections.abc import Iterator

from shared.findings import Danger, Finding
from workers.examine.content import Content

_STARTS = {
    # A width of 8000 pixels and more reads as an assignment or a comment; a screen is 61 wide at most by "=\0".
    "image/gif": re.compile(rb"GIF8[79]a(?:=[\t\n\r -~]|/[*/])"),
    # The first segment is 16 bytes long in honest files, not the 12074 that "/*" means.
    "image/jpeg": re.compile(rb"\xff\xd8\xff[\xe0-\xef\xfe]/[*/]"),
    "image/bmp": re.compile(rb"BM(?:=[\t\n\r -~]|/[*/])"),
}


def find(content: Content, media_type: str) -> Iterator[Finding]:
    """Yield a finding where the picture's mark goes on as a script would."""
    start = _STARTS.get(media_type)
    if start and start.match(content.head) and not _tells_its_size(content):
        yield Finding(danger=Danger.POLYGLOT, detail="The picture's first bytes are the beginning of a script too.")


def _tells_its_size(content: Content) -> bool:
    """Tell whether what reads as a comment is what a bitmap has there: its size, which is the file's."""
    return content.head.startswith(b"BM") and int.from_bytes(content.head[2:6], "little") == content.size
