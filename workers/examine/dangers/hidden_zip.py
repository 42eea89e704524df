"""A zip behind something else, which every unpacker finds from the file's end; it leaves zips themselves alone."""

from collections.abc import Iterator

from shared.findings import Danger, Finding
from shared.media_types import ZIP, built_on
from workers.examine.containers._zip import directory
from workers.examine.content import Content


def find(content: Content, media_type: str) -> Iterator[Finding]:
    """Yield a finding where a zip's directory is reachable and its comment ends with the file.

    So a document that carries a zip somewhere inside is no polyglot: there the file goes on.
    """
    if built_on(media_type, ZIP):
        return
    found = directory(content)
    if found and found.end == content.size:
        yield Finding(danger=Danger.POLYGLOT, detail=f"The content is {media_type} and a zip at once.")
