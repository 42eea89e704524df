"""Counts what would be slow to count later, and gives events their sequence; it leaves the transaction to the caller.

The rows are locked by the first writer until its commit. So they are written last, and always in the same order.
"""

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.adapters.sql_catalog.database import insert_or
from shared.adapters.sql_catalog.tables import counters
from shared.ingest import FINAL, State

EVENTS = "events"
INGESTS = "ingests."
DELIVERIES = "deliveries."


def change_of_state(before: State | None, after: State) -> dict[str, int]:
    """Return what a move changes; only the final states are counted, since the others hold few ingests."""
    if before == after:
        return {}
    left = {INGESTS + before: -1} if before in FINAL else {}
    return left | ({INGESTS + after: 1} if after in FINAL else {})


async def count(connection: AsyncConnection, changes: Mapping[str, int]) -> dict[str, int]:
    """Add the changes to the counters and return their new values."""
    if not changes:
        return {}
    # `events` first, then by name: two transactions that lock the same rows never wait for each other crosswise.
    rows = [{"name": name, "value": changes[name]} for name in sorted(changes, key=_events_first)]
    statement = insert_or(connection, counters).values(rows)
    summed = counters.c.value + statement.excluded.value
    upsert = statement.on_conflict_do_update(index_elements=["name"], set_={"value": summed})
    answer = await connection.execute(upsert.returning(counters.c.name, counters.c.value))
    return {row.name: row.value for row in answer}


def _events_first(name: str) -> tuple[bool, str]:
    return name != EVENTS, name
