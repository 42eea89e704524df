"""What the protocols say to the engine, and what it answers, as values."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from api.intake import Sender
from shared.digest import Digest
from shared.ingest import Ingest, State
from shared.resumable import Resumable


@dataclass(frozen=True)
class Creation:
    """What a sender says of an upload before its bytes; `sender.digest` is of the whole."""

    sender: Sender
    filename: str = ""
    """As it was sent; where there is none, the upload's id names the file."""
    declared_type: str | None = None
    labels: dict[str, str] = field(default_factory=dict)
    length: int | None = None
    """Bytes of the whole; None where that will be said later."""
    metadata: str = ""
    """As the sender wrote it, to give it back."""
    concat: str = ""
    """The same of tus' Upload-Concat."""
    is_part: bool = False


@dataclass(frozen=True)
class Append:
    """One request's bytes for an upload."""

    body: AsyncIterator[bytes]
    offset: int
    """Where the sender believes that the upload stands."""
    size: int | None = None
    """Bytes of this body (Content-Length); None where it is chunked."""
    length: int | None = None
    """Bytes of the whole, where this request says so."""
    ends: bool | None = None
    """Whether the upload ends with this body (IETF: Upload-Complete); None where its length tells (tus)."""
    checksum: Digest | None = None
    """Of this body: where it does not match, none of it counts."""


@dataclass(frozen=True)
class Standing:
    """Where an upload stands. `offset` bytes of it are durable."""

    ingest: Ingest
    resumable: Resumable
    offset: int

    @property
    def length(self) -> int | None:
        """Bytes of the whole, where that is known."""
        return self.resumable.length if self.ingest.size is None else self.ingest.size

    @property
    def is_complete(self) -> bool:
        """Whether nothing is left to send: it was received, it ended empty, or it is a part that has its length."""
        if self.resumable.is_part:
            return self.offset == self.resumable.length
        return self.ingest.state is not State.RECEIVING
