"""What follows a picture's end: harmless in many photos, another format in a polyglot; the end is _picture_end.py's."""

import re
from collections.abc import Iterator

from shared.findings import Danger, Finding
from shared.signatures import SNIFF_BYTES, sniff
from workers.examine.content import Content
from workers.examine.dangers._picture_end import picture_end

MIN_BYTES = 16
"""Less than this is padding or a stray line end."""
_HARMLESS = ("image/", "video/")
_WORDS = re.compile(rb"\s*(?:#!\s*/|<\?php|<!doctype|<html|<script|<svg|%!PS)", re.IGNORECASE)


def find(content: Content, media_type: str) -> Iterator[Finding]:
    """Yield a polyglot for what has a foreign mark of its own, a mere trailer for anything else that isn't padding.

    Phones append the clip of a moving photo, a second picture or notes of their own:
    https://developer.android.com/media/platform/motion-photo-format
    """
    end = picture_end(content, media_type)
    if end is None or content.size - end < MIN_BYTES:
        return
    start = content.read(end, SNIFF_BYTES)
    if not start.strip(b"\0\r\n "):
        return
    seen = sniff(start) or ("a script or page" if _WORDS.match(start) else None)
    danger = Danger.POLYGLOT if seen and not seen.startswith(_HARMLESS) else Danger.TRAILER
    detail = f"{content.size - end} bytes of {seen or 'unknown content'} follow the picture's end."
    yield Finding(danger=danger, detail=detail)
