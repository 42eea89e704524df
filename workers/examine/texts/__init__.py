"""Tells texts apart by their head, one module for each family beside this one; it leaves bytes to the containers.

The claim chooses only among what the text may be: it makes a table of lines with commas, never of a picture.
"""

import codecs
import re

from shared.media_types import declared, families_of_name, families_of_type
from workers.examine.content import Content
from workers.examine.examination import Claim
from workers.examine.texts import json_text, mail, markup, scripts, tables

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Whatever else a text has no use for: backspace and escape stand in what terminals wrote.
_CONTROLS = re.compile(r"[\x00-\x07\x0b\x0e-\x1a\x1c-\x1f\x7f]")
_TRUSTED = frozenset(
    {
        "application/pgp-encrypted",
        "application/pgp-keys",
        "application/pgp-signature",
        "application/postscript",
        "application/x-subrip",
        "text/calendar",
        "text/rtf",
        "text/vcard",
        "text/vtt",
    }
)
"""Texts with a mark of their own, in which libmagic is right; its guesses at programming languages are not."""


def decoded(content: Content, *, is_text: bool) -> str | None:
    """Return the head as characters, None where it does not read as text; `is_text` says that libmagic thinks so."""
    head = content.head
    encoding = next((name for mark, name in _MARKS if head.startswith(mark)), "utf-8")
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(head, final=content.whole)
    except UnicodeDecodeError:
        text = head.decode("latin-1") if is_text else "\0"
    return None if not text or _CONTROLS.search(text) else text


def look(text: str, guess: str, claim: Claim, *, whole: bool) -> str:
    """Return the text's type; `guess` is libmagic's, `whole` says whether there is no more than this."""
    claimed = frozenset[str]().union(
        *(family.media_types for family in families_of_name(claim.filename)),
        *(family.media_types for family in families_of_type(declared(claim.declared_type))),
    )
    return (
        scripts.look(text)
        or markup.look(text, guess)
        or mail.look(text)
        or json_text.look(text, claimed, whole=whole)
        or tables.look(text, claim, claimed, whole=whole)
        or (guess if guess in _TRUSTED else "text/plain")
    )
