"""Programs, told by their type; it leaves scripts to script.py."""

from collections.abc import Iterator

from shared.findings import Danger, Finding
from shared.media_types import families_of_type
from workers.examine.content import Content


def find(content: Content, media_type: str) -> Iterator[Finding]:
    """Yield a finding where a machine, real or virtual, runs this type."""
    del content
    if any(family.runs for family in families_of_type(media_type)):
        yield Finding(danger=Danger.EXECUTABLE, detail=f"The content is a program, {media_type}.")
