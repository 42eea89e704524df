"""What the catalog in memory remembers of ingests; it leaves the promises about them to its users."""

from datetime import datetime

from shared.ingest import Ingest, Move, State
from shared.ports import IdempotencyKey
from shared.resumable import Resumable

_OPEN = {State.RECEIVED, State.PROCESSING}


class MemoryRows:
    """Rows by the ingest's id. No method awaits anything, so on one event loop each is as atomic as a transaction."""

    def __init__(self) -> None:
        self._ingests: dict[str, Ingest] = {}
        self._moves: dict[str, list[Move]] = {}
        self._uploads: dict[str, Resumable] = {}
        self._keys: dict[tuple[str, str], tuple[Ingest, IdempotencyKey]] = {}

    def _keep(self, ingest: Ingest) -> None:
        if ingest.state in _OPEN and ingest.due_at is None:
            raise ValueError(f"{ingest.state} without due_at: the sweeper would never find it.")
        self._ingests[ingest.id] = ingest

    def _move(self, ingest_id: str, at: datetime, before: State | None, after: State, detail: str | None) -> None:
        history = self._moves.setdefault(ingest_id, [])
        history.append(Move(ingest_id, len(history) + 1, at, before, after, detail))
