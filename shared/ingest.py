"""Ingest, its states and the one table of allowed moves; it leaves saving them to the catalog."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Self

from shared.errors import StaleState


class State(StrEnum):
    """Where an ingest stands on its way."""

    RECEIVING = "receiving"
    RECEIVED = "received"
    PROCESSING = "processing"
    COMPLETED = "completed"
    REJECTED = "rejected"
    FAILED = "failed"
    ABORTED = "aborted"
    EXPIRED = "expired"
    DELETED = "deleted"


MOVES = MappingProxyType(
    {
        State.RECEIVING: frozenset({State.RECEIVED, State.REJECTED, State.ABORTED, State.EXPIRED}),
        State.RECEIVED: frozenset({State.PROCESSING}),
        State.PROCESSING: frozenset({State.RECEIVED, State.COMPLETED, State.REJECTED, State.FAILED}),
        State.COMPLETED: frozenset({State.DELETED}),
        State.REJECTED: frozenset({State.RECEIVED, State.DELETED}),
        State.FAILED: frozenset({State.RECEIVED, State.DELETED}),
        State.ABORTED: frozenset[State](),
        State.EXPIRED: frozenset[State](),
        State.DELETED: frozenset[State](),
    }
)
"""State → the states that may follow it."""

SETTLED = frozenset({State.COMPLETED, State.REJECTED, State.FAILED})
"""The three ends of processing, one of which every received ingest reaches."""

FINAL = SETTLED | {State.ABORTED, State.EXPIRED, State.DELETED}
"""Nothing more happens by itself."""


MAX_PRIORITY = 8
"""The last priority of an ingest; previews come after it."""

WITHOUT_BYTES = frozenset({State.ABORTED, State.EXPIRED, State.DELETED})
"""The object store keeps nothing for these."""

MISSING = "stored_bytes_missing"
"""What `why` says of an ended ingest whose bytes should be there and are not."""


class Reason(StrEnum):
    """Why a file was rejected (its fault) or an ingest failed (ours)."""

    CONTENT_MISMATCH = "content_mismatch"
    TYPE_NOT_ALLOWED = "type_not_allowed"
    UNREADABLE = "unreadable"
    EXECUTABLE = "executable"
    SCRIPT = "script"
    ACTIVE_CONTENT = "active_content"
    POLYGLOT = "polyglot"
    ARCHIVE_BOMB = "archive_bomb"
    ARCHIVE_UNSAFE = "archive_unsafe"
    PARSER_CRASHED = "parser_crashed"
    PARSER_TIMEOUT = "parser_timeout"
    PARSER_MEMORY = "parser_memory"
    PARSER_MISBEHAVED = "parser_misbehaved"
    EMPTY_FILE = "empty_file"
    ATTEMPTS_EXHAUSTED = "attempts_exhausted"
    STORED_BYTES_DIFFER = "stored_bytes_differ"
    STORED_BYTES_MISSING = "stored_bytes_missing"


REASONS = MappingProxyType(
    {
        Reason.CONTENT_MISMATCH: "The content is not what the declared type or the extension says.",
        Reason.TYPE_NOT_ALLOWED: "The policy does not admit this type of content.",
        Reason.UNREADABLE: "The content breaks its own format.",
        Reason.EXECUTABLE: "The content is a program.",
        Reason.SCRIPT: "The content is a script that its first line hands to an interpreter.",
        Reason.ACTIVE_CONTENT: "The content carries a script where a plain picture is wanted.",
        Reason.POLYGLOT: "The bytes are valid in more than one format.",
        Reason.ARCHIVE_BOMB: "The archive unpacks to more than its limits: size, ratio, entries or depth.",
        Reason.ARCHIVE_UNSAFE: "The archive holds names or links that lead outside, or entries that overlap or lie.",
        Reason.PARSER_CRASHED: "The parser crashed on the content.",
        Reason.PARSER_TIMEOUT: "The parser took longer than its limit on the content.",
        Reason.PARSER_MEMORY: "The parser needed more memory than its limit for the content.",
        Reason.PARSER_MISBEHAVED: "The parser's answer broke its schema or its size limit.",
        Reason.EMPTY_FILE: "The upload ended without a byte.",
        Reason.ATTEMPTS_EXHAUSTED: "Processing broke off or failed on each of the allowed attempts.",
        Reason.STORED_BYTES_DIFFER: "The stored bytes are not those of the receipt.",
        Reason.STORED_BYTES_MISSING: "The stored bytes are not there.",
    }
)
"""Reason → its sentence, as receipts and events carry it."""


class Preview(StrEnum):
    """Where the preview of a completed ingest stands."""

    WANTED = "wanted"
    MADE = "made"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the pipeline found: reasons are empty where nothing is wrong; warnings never stop an ingest."""

    reasons: tuple[Reason, ...] = ()
    detail: str | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ingest:
    """One file's journey. Times are UTC; `size` is in bytes; `sha256` in hex; None where not yet known."""

    id: str
    state: State
    principal: str
    created_at: datetime
    updated_at: datetime
    filename: str
    original_filename: str
    declared_type: str | None = None
    size: int | None = None
    sha256: str | None = None
    labels: dict[str, str] = field(default_factory=dict)
    traceparent: str | None = None
    received_at: datetime | None = None
    completed_at: datetime | None = None
    media_type: str | None = None
    kind: str | None = None
    metadata: dict[str, Any] | None = None
    verdict: Verdict = Verdict()
    attempts: int = 0
    token: int = 0
    """Fencing token: grows with every lease, so that a worker that lost its lease cannot save."""
    holder: str | None = None
    """The worker slot that has the lease; see the port `Presence`."""
    priority: int = 0
    """0 goes first; it grows with how far its sender is ahead of its share (`MAX_PRIORITY` at most)."""
    due_at: datetime | None = None
    """When a received ingest is rung again, or a processing one's lease ends."""
    why: str | None = None
    """The latest reason for waiting, in words for an operator; of an ended one, that its bytes are `MISSING`."""
    quarantined_until: datetime | None = None
    """Until when a rejected one's bytes are kept; None where they are not."""
    overridden: tuple[Reason, ...] = ()
    """Reasons that no longer reject it, by an operator's word."""
    preview: Preview | None = None
    """None where no preview was ever wanted, and where the ingest is no longer completed."""

    @property
    def keeps_bytes(self) -> bool:
        """Whether the object store must have its bytes."""
        if self.state is State.REJECTED:
            return self.quarantined_until is not None
        return self.state not in WITHOUT_BYTES

    def moved(self, after: State, now: datetime, **changes: Any) -> Self:
        """Return this ingest in its next state; raise StaleState where MOVES does not allow it."""
        if after not in MOVES[self.state]:
            raise StaleState(f"It is {self.state} and cannot become {after}.")
        return replace(self, state=after, updated_at=now, **changes)


@dataclass(frozen=True, slots=True)
class Move:
    """One row of an ingest's history; `number` counts from 1 within the ingest."""

    ingest_id: str
    number: int
    at: datetime
    before: State | None
    after: State
    detail: str | None = None
