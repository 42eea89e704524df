"""SVG and HTML that are more than a still picture or page; it leaves the reading of SVG to _drawing.py.

A drawing is read whole. Of a page only the beginning is searched, since that alone never refuses it.
"""

import re
from collections.abc import Iterator

from shared.findings import Danger, Finding
from shared.media_types import SVG
from workers.examine.content import Content
from workers.examine.dangers._drawing import Active, read

MAX_SVG_BYTES = 64 * 1024**2
MAX_PAGE_BYTES = 1024**2

_ACTIVE = re.compile(
    rb"<(?:[\w.-]+:)?(?:script|iframe|object|embed|foreignobject)\b|[\s\"'/]on[a-z]{3,}\s*=|javascript\s*:|<!entity\b",
    re.IGNORECASE,
)


def find(content: Content, media_type: str) -> Iterator[Finding]:
    """Yield the first thing that acts or reaches out."""
    if media_type == SVG and (detail := _in_drawing(content)):
        yield Finding(danger=Danger.ACTIVE_CONTENT, detail=f"The drawing {detail}.")
    elif media_type == "text/html" and _acts(content.read(0, MAX_PAGE_BYTES)):
        yield Finding(danger=Danger.ACTIVE_CONTENT, detail="The page runs scripts or embeds other content.")


def _in_drawing(content: Content) -> str | None:
    if content.size > MAX_SVG_BYTES:
        return f"is longer than the {MAX_SVG_BYTES} bytes that are searched for scripts"
    content.file.seek(0)
    try:
        read(content.file)
    except Active as found:
        return str(found)
    except ValueError:  # no XML, but readers that forgive may run what is in it
        return "is no XML and holds a script" if _acts(content.read(0, MAX_SVG_BYTES)) else None
    return None


def _acts(markup: bytes) -> bool:
    return bool(_ACTIVE.search(markup.replace(b"\0", b"")))  # so that UTF-16 reads alike
