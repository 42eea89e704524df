"""The media type that a file's own bytes show; it leaves the sender's claims to agreement.py.

Marks that leave no doubt go first (containers/), then libmagic, then the grammar of texts (texts/): libmagic takes a
text that mentions %PDF for a PDF, and prose for a program's source.
"""

import functools
import re
from collections.abc import Callable
from typing import Any, BinaryIO

from shared.media_types import UNKNOWN, families_of_type
from workers.examine import containers, texts
from workers.examine.content import Content
from workers.examine.examination import Claim

# One name for each type, the registered one where there is one: https://www.iana.org/assignments/media-types/
_NAMES = {
    "application/x-empty": UNKNOWN,
    "application/x-gzip": "application/gzip",
    "application/x-java-applet": "application/java-vm",
    "application/x-dosexec": "application/vnd.microsoft.portable-executable",
    "audio/x-aiff": "audio/aiff",
    "audio/x-flac": "audio/flac",
    "audio/x-hx-aac-adif": "audio/aac",
    "audio/x-hx-aac-adts": "audio/aac",
    "audio/x-m4a": "audio/mp4",
    "audio/x-mp4a-latm": "audio/mp4",
    "audio/x-wav": "audio/wav",
    "image/x-ms-bmp": "image/bmp",
    "video/x-m4v": "video/mp4",
}

_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def identify(file: BinaryIO, claim: Claim | None = None) -> str:
    """Return the media type of the content, `application/octet-stream` where nothing is known.

    The claim decides only where the content leaves the choice, as between lines with commas and a table.
    """
    content = Content.of(file)
    return containers.look(content) or _by_libmagic(content, claim or Claim())


def prepare() -> None:
    """Open libmagic's database, which a caged child can no longer do."""
    _libmagic()


def _by_libmagic(content: Content, claim: Claim) -> str:
    guess = _believed(_libmagic()(content.head), content.head)
    is_text = any(not family.firm for family in families_of_type(guess))
    text = texts.decoded(content, is_text=is_text)
    if text is not None and (is_text or guess in {UNKNOWN, "application/pdf", "image/svg+xml"}):
        return texts.look(text, guess, claim, whole=content.whole)
    # A text that we cannot read may be UTF-16 without its mark; any other name needs characters to bear it out.
    unsure = guess == "application/pdf" or (is_text and guess != "text/plain")
    return UNKNOWN if unsure else _NAMES.get(guess, guess)


def _believed(guess: str, head: bytes) -> str:
    """Doubt a program for DOS without its mark: libmagic's rules for COM files fit many texts, such as Shift-JIS."""
    if guess != "application/x-dosexec" or head.startswith(b"MZ"):
        return guess
    return UNKNOWN if _CONTROLS.search(head) else "text/plain"


@functools.cache
def _libmagic() -> Callable[[bytes], str]:
    # The wheel's library and database are the same on every machine, the system's are not. pylibmagic makes
    # ctypes find its own, so it comes first. https://github.com/kratsg/pylibmagic
    import pylibmagic  # noqa: F401, PLC0415
    from magic import Magic  # noqa: PLC0415

    database: Any = Magic(mime=True)
    return lambda head: str(database.from_buffer(head))
