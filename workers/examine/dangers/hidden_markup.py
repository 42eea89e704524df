"""HTML and PHP in a picture, in comments and elsewhere, since their readers skip whatever stands before."""

import re
from collections.abc import Iterator

from shared.findings import Danger, Finding
from shared.media_types import SVG
from workers.examine.content import Content

MAX_BYTES = 64 * 1024**2
"""How much of a picture is searched from its start; behind it only what follows its end."""
_CHUNK_BYTES = 1024**2
_OVERLAP_BYTES = 32

# Long enough that a hundred million random bytes have none of them, with odds of ten thousand to one.
_MARKUP = re.compile(
    rb"<script[\s>/]|<html[\s>]|<!doctype\s+html|<iframe[\s>]|<\?php[\s]|__HALT_COMPILER\s*\(", re.IGNORECASE
)


def find(content: Content, media_type: str) -> Iterator[Finding]:
    """Yield a finding for the first piece of markup, of pictures made of pixels alone."""
    if not media_type.startswith("image/") or media_type == SVG:
        return
    for start in range(0, min(content.size, MAX_BYTES), _CHUNK_BYTES):
        found = _MARKUP.search(content.read(start, _CHUNK_BYTES + _OVERLAP_BYTES))
        if found:
            name = "PHP" if b"?php" in found[0].lower() or b"HALT" in found[0].upper() else "HTML"
            detail = f"The picture holds {name} at byte {start + found.start()}."
            yield Finding(danger=Danger.POLYGLOT, detail=detail)
            return
