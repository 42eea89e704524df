"""A completed ingest's event for tests; it leaves what the numbers mean to the test that looks at them."""

from datetime import UTC, datetime

from shared.events import Event
from shared.ids import new_id
from shared.ingest import Ingest, State

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def sample_event(sequence: int = 1) -> Event:
    ingest = Ingest(
        id=new_id(),
        state=State.COMPLETED,
        principal="anonymous",
        created_at=NOON,
        updated_at=NOON,
        filename="clip ☂.mp4",
        original_filename="clip ☂.mp4",
        declared_type="video/mp4",
        size=1024,
        sha256="0" * 64,
        labels={"camera": "door"},
        received_at=NOON,
        completed_at=NOON,
        media_type="video/mp4",
        kind="video",
        metadata={"kind": "video", "container": "mp4", "duration_seconds": 2.0},
        attempts=1,
    )
    event = Event.of(ingest, uri=f"file:///data/objects/{ingest.id}", base_url="http://127.0.0.1:8000")
    return event.numbered(sequence)
