"""Digests as RFC 9530 writes them: parse, compare and compute; it leaves deciding what a mismatch means to intake."""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from shared.errors import BadDigestHeader

_MEMBER = re.compile(r"\s*([a-z*][a-z0-9_\-.*]*)\s*=\s*:([A-Za-z0-9+/]*={0,2}):\s*(?:;[^,]*)?")
_SHA256_BYTES = 32


@dataclass(frozen=True)
class Digest:
    """An algorithm by its RFC 9530 name and the value in lower-case hex."""

    algorithm: str
    value: str

    def __str__(self) -> str:
        """`sha-256=:base64:`, the form that Repr-Digest carries."""
        return f"{self.algorithm}=:{base64.b64encode(bytes.fromhex(self.value)).decode()}:"


class Hasher:
    """Counts and hashes what passes; `update` drops the GIL, so it belongs into a thread for large pieces."""

    def __init__(self) -> None:
        self._sha256 = hashlib.sha256()
        self.size = 0

    def update(self, pieces: Iterable[bytes]) -> None:
        """Take the pieces in their order."""
        for piece in pieces:
            self._sha256.update(piece)
            self.size += len(piece)

    @property
    def sha256(self) -> str:
        """The digest of all bytes so far, in hex."""
        return self._sha256.hexdigest()


def sha256_digest(hexadecimal: str) -> Digest:
    """Return the SHA-256 digest with that hex value."""
    return Digest("sha-256", hexadecimal)


def parse_digest_header(value: str) -> Digest | None:
    """Return the SHA-256 of a Content-Digest or Repr-Digest field (RFC 9530, sections 2 and 3).

    None where the field names other algorithms only: a receiver may ignore those.
    Raise BadDigestHeader where the field breaks the dictionary syntax or the value has the wrong length.
    """
    found = None
    for member in value.split(","):
        match = _MEMBER.fullmatch(member)
        if match is None:
            raise BadDigestHeader(f"'{member.strip()[:80]}' is no digest.")
        if match[1] == "sha-256":
            found = sha256_digest(_decode(match[2]).hex())
    return found


def _decode(text: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise BadDigestHeader("The digest's value is no base64.") from error
    if len(raw) != _SHA256_BYTES:
        raise BadDigestHeader(f"A SHA-256 has {_SHA256_BYTES} bytes, this one has {len(raw)}.")
    return raw
