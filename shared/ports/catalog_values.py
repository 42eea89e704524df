"""What one asks the catalog for, and what it answers, as values."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from shared.events import Delivery, DeliveryState, Event
from shared.ingest import Reason, State

ANY_SIZE = range(sys.maxsize)


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """A caller's key, and the fingerprint of what came under it."""

    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Listing:
    """Which ingests to list, newest first: None means any. `before` is the id to continue behind."""

    state: State | None = None
    media_type: str | None = None
    sha256: str | None = None
    filename: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: str | None = None
    limit: int = 50
    quarantined: bool = False
    """Only those whose bytes are in quarantine."""
    reason: Reason | None = None
    """One of the verdict's. It has no index, so it is looked for among those that another filter leaves."""


@dataclass(frozen=True, slots=True)
class Undelivered:
    """Which deliveries, by sink, the longest waiting first: None means any; times are those of `pending_since`."""

    state: DeliveryState = DeliveryState.DEAD
    """Pending or dead: what is delivered is not listed."""
    sink: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    after: tuple[str, datetime, str] | None = None
    """Sink, `pending_since` and event id of the delivery to continue behind."""
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery whose time has come, with its event; `token` proves the right to report on it."""

    delivery: Delivery
    event: Event
    token: int


def share(limit: int, sharers: int) -> int:
    """Return how many each may have, so that all together have at least `limit` and everybody has one."""
    return -(-limit // max(1, sharers))


@dataclass(frozen=True, slots=True)
class Census:
    """What the catalog counts, for the gauges."""

    ingests: Mapping[State, int]
    deliveries: Mapping[tuple[str, str], int]
    """(sink, state) → number."""
    oldest_waiting_at: datetime | None
    """Since when the longest waiting received ingest waits."""
    oldest_undelivered_at: datetime | None
    """Since when the oldest pending delivery waits."""
    missing: int = 0
    """How many ended ingests are noted to miss their bytes."""
