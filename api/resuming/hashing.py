"""Hashing what comes in parts: the digest of the whole from append to append, and one append's checksum."""

import hashlib
import zlib
from collections import OrderedDict
from collections.abc import Callable, Iterable
from functools import partial
from types import MappingProxyType
from typing import Protocol

from shared.digest import Digest, Hasher
from shared.errors import ChecksumMismatch

MOST_KEPT = 10_000
"""So many uploads keep their hasher between two appends; one has a few hundred bytes."""


class _Checksum(Protocol):
    def update(self, piece: bytes, /) -> None: ...
    def hexdigest(self) -> str: ...


class _Crc32:
    """CRC-32 as zlib has it, in hashlib's shape."""

    def __init__(self) -> None:
        self._value = 0

    def update(self, piece: bytes, /) -> None:
        self._value = zlib.crc32(piece, self._value)

    def hexdigest(self) -> str:
        return f"{self._value:08x}"


ALGORITHMS: MappingProxyType[str, Callable[[], _Checksum]] = MappingProxyType(
    {
        "sha1": partial(hashlib.sha1, usedforsecurity=False),
        "sha256": hashlib.sha256,
        "sha-256": hashlib.sha256,
        "sha-512": hashlib.sha512,
        "md5": partial(hashlib.md5, usedforsecurity=False),
        "crc32": _Crc32,
    }
)
"""What one append can be checked by, as tus and as RFC 9530 name it."""


class Feed(Hasher):
    """What an append's bytes are fed to: `whole`, which is known once the upload is held, and the checksum."""

    def __init__(self, declared: Digest | None = None) -> None:
        self.whole = Hasher()
        self._declared = declared
        self._checksum = ALGORITHMS[declared.algorithm]() if declared else None

    @property
    def size(self) -> int:  # type: ignore[override]  # only read from outside
        """Bytes that the whole's hasher has taken."""
        return self.whole.size

    @property
    def sha256(self) -> str:
        """The digest of the whole, where it was fed from the first byte on."""
        return self.whole.sha256

    def update(self, pieces: Iterable[bytes]) -> None:
        """Take the pieces in their order."""
        pieces = list(pieces)
        self.whole.update(pieces)
        if self._checksum:
            for piece in pieces:
                self._checksum.update(piece)

    def check(self) -> None:
        """Raise ChecksumMismatch where the bytes have another checksum than was declared."""
        if self._declared and self._checksum and self._checksum.hexdigest() != self._declared.value:
            actual = Digest(self._declared.algorithm, self._checksum.hexdigest())
            raise ChecksumMismatch(f"Declared {self._declared}, received {actual}.")


class Hashers:
    """The hashers of uploads that wait for their next append; the oldest are given up."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._most = most
        self._hashers: OrderedDict[str, Hasher] = OrderedDict()

    def take(self, ingest_id: str, offset: int) -> Hasher:
        """Return the one that has taken all bytes up to the offset, or one that has not: its size tells."""
        kept = self._hashers.pop(ingest_id, None)
        return kept if kept is not None and kept.size == offset else Hasher()

    def keep(self, ingest_id: str, hasher: Hasher, offset: int) -> None:
        """Keep a hasher for the next append, where it has taken exactly the bytes that count."""
        if hasher.size == offset:
            self._hashers[ingest_id] = hasher
            if len(self._hashers) > self._most:
                self._hashers.popitem(last=False)


hashers = Hashers()
"""This process' own: an upload that another process goes on with is hashed by the worker."""
