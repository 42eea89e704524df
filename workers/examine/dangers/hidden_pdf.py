"""A PDF's header behind something else, where readers still find it; it leaves the PDF itself to its describer."""

from collections.abc import Iterator

from shared.findings import Danger, Finding
from shared.media_types import UNKNOWN, ZIP, built_on
from workers.examine.containers._zip import entries
from workers.examine.containers.pdf import header_place
from workers.examine.content import Content

_SEARCHED = ("image/", "audio/", "video/")


def find(content: Content, media_type: str) -> Iterator[Finding]:
    """Yield a finding where the header isn't first.

    A zip may begin with a PDF that is packed as it is. A text may speak of a PDF; one that a reader would open as a PDF
    is identified as one. Other archives and documents are not searched.
    """
    place = header_place(content.head)
    if place and (_searched(media_type) or (built_on(media_type, ZIP) and place not in _files_within(content, place))):
        yield Finding(danger=Danger.POLYGLOT, detail=f"A PDF begins at byte {place}.")


def _searched(media_type: str) -> bool:
    return media_type in {"application/pdf", UNKNOWN} or media_type.startswith(_SEARCHED)


def _files_within(content: Content, place: int) -> set[int | None]:
    """Return where those files in a zip begin whose headers stand before the place."""
    return {entry.start(content) for entry in entries(content) if entry.offset < place}
