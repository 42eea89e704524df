"""MPEG transport streams by their sync bytes, which libmagic misses in stamped ones; it leaves the streams alone."""

from workers.examine.content import Content

# Packet lengths of plain, time-stamped and error-corrected streams, and where the sync byte stands in each:
# https://en.wikipedia.org/wiki/MPEG_transport_stream#Packet
_PACKETS = ((188, 0), (192, 4), (204, 0))
_SYNC_BYTE = 0x47
_SYNCS_NEEDED = 8


def look(content: Content) -> str | None:
    """Return video/mp2t where the bytes come in its packets."""
    if content.head.isascii() and b"\0" not in content.head:  # a text of many Gs
        return None
    return "video/mp2t" if any(_has_syncs(content.head, length, start) for length, start in _PACKETS) else None


def _has_syncs(head: bytes, length: int, start: int) -> bool:
    syncs = head[start::length][: 4 * _SYNCS_NEEDED]
    return len(syncs) >= _SYNCS_NEEDED and set(syncs) == {_SYNC_BYTE}
