"""Writes elements of EBML and Matroska (RFC 8794, RFC 9559), sound and lying."""

EBML, SEGMENT, INFO, TRACKS, CLUSTER, VOID, TAGS, CHAPTERS = (
    bytes.fromhex(name)
    for name in ("1a45dfa3", "18538067", "1549a966", "1654ae6b", "1f43b675", "ec", "1254c367", "1043a770")
)
UNKNOWN_SIZE = b"\x01" + b"\xff" * 7
LARGEST_SIZE = b"\x01" + b"\xff" * 6 + b"\xfe"


def element(name: bytes, *content: bytes) -> bytes:
    """Return one element around its content."""
    body = b"".join(content)
    short = len(body) < 0x7F
    return name + (bytes([0x80 | len(body)]) if short else (len(body) | 1 << 56).to_bytes(8, "big")) + body


def lying(name: bytes, size: bytes, *content: bytes) -> bytes:
    """Return one element with a size of the caller's."""
    return name + size + b"".join(content)


def head(kind: bytes = b"matroska") -> bytes:
    """Return the first element, which names the format."""
    return element(EBML, element(b"\x42\x86", b"\1"), element(b"\x42\x82", kind), element(b"\x42\x87", b"\4"))


def info() -> bytes:
    """Return a segment's information, with the shortest fields that there are."""
    return element(INFO, element(b"\x2a\xd7\xb1", b"\x0f\x42\x40"), element(b"\x44\x89", b"\x44\x7a\0\0"))
