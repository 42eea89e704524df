"""Placing: a file's bytes stand where its row says; it leaves what the row says to `process` and to the operators.

The row is committed first and the bytes follow. So whoever moves them reads the row once more afterwards: between his
commit and his move an operator may have released the file, or a worker that lost its lease may have come back.
"""

from enum import StrEnum

from shared import metrics
from shared.ingest import WITHOUT_BYTES, State
from shared.wiring import Services


class Kept(StrEnum):
    """Where the bytes of an ingest are meant to be."""

    SERVED = "served"
    QUARANTINED = "quarantined"
    NOWHERE = "nowhere"


async def place(ingest_id: str, services: Services) -> None:
    """Move the bytes where the row says, until it still says so after the move."""
    said, says = None, await _kept(ingest_id, services)
    while says != said:
        await _move(ingest_id, says, services)
        said, says = says, await _kept(ingest_id, services)


async def _kept(ingest_id: str, services: Services) -> Kept:
    row = await services.catalog.get(ingest_id)
    if row.quarantined_until:
        return Kept.QUARANTINED
    gone = row.state in WITHOUT_BYTES or row.state is State.REJECTED
    return Kept.NOWHERE if gone else Kept.SERVED


async def _move(ingest_id: str, where: Kept, services: Services) -> None:
    store = services.store
    move, name = {
        Kept.SERVED: (store.bring_back, "brought_back"),
        Kept.QUARANTINED: (store.put_away, "put_away"),
        Kept.NOWHERE: (store.delete, "dropped"),
    }[where]
    await move(ingest_id)
    metrics.quarantine_moves.labels(name).inc()
