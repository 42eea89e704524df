"""What the first bytes alone tell, programs before all; it leaves whatever has more inside to the other modules."""

from shared.signatures import sniff
from workers.examine.content import Content

_AFTER_TAG = {b"\xff\xf1": "audio/aac", b"\xff\xf9": "audio/aac", b"fLaC": "audio/flac", b"FORM": "audio/aiff"}
_TAG_HEADER_BYTES = 10


def look(content: Content) -> str | None:
    """Return the signature's type; behind an ID3 tag that of what it is a tag of."""
    found = sniff(content.head)
    if found == "audio/mpeg":
        mark = content.read(_tag_bytes(content.head), 4)
        return next((media_type for start, media_type in _AFTER_TAG.items() if mark.startswith(start)), found)
    return found


def _tag_bytes(head: bytes) -> int:
    """Return the tag's length, seven bits a byte: https://id3.org/id3v2.4.0-structure, section 3.1."""
    length = 0
    for byte in head[6:_TAG_HEADER_BYTES]:
        length = length << 7 | byte & 0x7F
    return _TAG_HEADER_BYTES + length
