"""A PDF's header behind something else, where readers still find it; it leaves the PDF itself to its describer."""

from collections.abc import Iterator

from shared.findings import Danger, Finding
from shared.media_types import UNKNOWN
from workers.examine.content import Content

_PLACES = 1024
"""How many first bytes readers search: PDF 1.7 reference, appendix H, note 13."""
_SEARCHED = ("image/", "audio/", "video/")
_NOTHING = b"\xef\xbb\xbf \t\r\n\0"


def find(content: Content, media_type: str) -> Iterator[Finding]:
    """Yield a finding where the header isn't first.

    Archives and texts are not searched: an archive may begin with a stored PDF, a text may speak of one. A text that
    a reader would open as a PDF is identified as one, with its header not at the start.
    """
    before, header, after = content.head[:_PLACES].partition(b"%PDF-")
    if not header or not after[:1].isdigit() or not before.strip(_NOTHING):
        return
    if media_type in {"application/pdf", UNKNOWN} or media_type.startswith(_SEARCHED):
        yield Finding(danger=Danger.POLYGLOT, detail=f"A PDF begins at byte {len(before)}.")
