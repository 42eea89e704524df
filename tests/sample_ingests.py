"""Ingests in each state, and their events, for the catalog's tests; they leave what is saved to the test."""

from datetime import UTC, datetime, timedelta
from typing import Any

from shared.events import Event
from shared.ids import first_id_at, new_id
from shared.ingest import Ingest, State
from shared.ports import Catalog

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
LATER = NOON + 60 * SECOND


def id_at(moment: datetime) -> str:
    """Return an id of that moment, different from all others."""
    return first_id_at(moment)[:15] + new_id()[15:]


def received(at: datetime = NOON, **changes: Any) -> Ingest:
    """Return an ingest that was received at that moment and is due at once."""
    values: dict[str, Any] = {
        "id": id_at(at),
        "state": State.RECEIVED,
        "principal": "anonymous",
        "created_at": at,
        "updated_at": at,
        "filename": "clip.mp4",
        "original_filename": "clip.mp4",
        "size": 1024,
        "sha256": "0" * 64,
        "received_at": at,
        "due_at": at,
    }
    return Ingest(**values | changes)


def claimed(ingest: Ingest, now: datetime = NOON, until: datetime = LATER) -> Ingest:
    """Return the ingest as a worker takes it."""
    return ingest.moved(State.PROCESSING, now, attempts=ingest.attempts + 1, token=ingest.token + 1, due_at=until)


def settled(ingest: Ingest, state: State = State.COMPLETED, now: datetime = NOON) -> Ingest:
    """Return the ingest as its worker leaves it."""
    return ingest.moved(state, now, completed_at=now, due_at=None)


def event_of(ingest: Ingest) -> Event:
    """Return the event of the ingest's state."""
    return Event.of(ingest, uri=f"file:///data/{ingest.id}", base_url="http://127.0.0.1:8000")


async def finished(catalog: Catalog, state: State = State.COMPLETED, at: datetime = NOON) -> tuple[Ingest, Event]:
    """Take a new ingest its whole way through the catalog."""
    first = received(at)
    await catalog.record(first)
    second = claimed(first, at)
    await catalog.save(first, second)
    third = settled(second, state, at)
    event = await catalog.save(second, third, event_of(third))
    assert event
    return third, event
