"""Ogg by the codecs of its first pages: moving pictures or sound; it leaves the streams to the describers."""

from collections.abc import Iterator

from workers.examine.content import Content

_MARK = b"OggS"
_HEADER_BYTES = 27
_BEGINS = 0x02
_PICTURES = (b"\x80theora", b"BBCD\0", b"OVP80", b"\x01video")
_SOUNDS = (b"\x01vorbis", b"OpusHead", b"Speex   ", b"\x7fFLAC", b"fLaC", b"\x01audio", b"PCM     ")


def look(content: Content) -> str | None:
    """Return video/ogg with any stream of pictures, audio/ogg with sound alone, else application/ogg (RFC 5334)."""
    if not content.head.startswith(_MARK):
        return None
    firsts = list(_first_packets(content.head))
    if any(packet.startswith(_PICTURES) for packet in firsts):
        return "video/ogg"
    return "audio/ogg" if any(packet.startswith(_SOUNDS) for packet in firsts) else "application/ogg"


def _first_packets(head: bytes) -> Iterator[bytes]:
    """Yield how each stream begins; these pages stand before all others: RFC 3533, sections 4 and 6."""
    at = 0
    while head.startswith(_MARK, at) and at + _HEADER_BYTES <= len(head) and head[at + 5] & _BEGINS:
        segments = head[at + _HEADER_BYTES :][: head[at + 26]]
        at += _HEADER_BYTES + len(segments)
        yield head[at : at + 16]
        at += sum(segments)
