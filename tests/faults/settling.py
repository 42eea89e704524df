"""Waiting for the calm after the last fault, when nothing is under way; it leaves judging to the checker."""

import asyncio
import sqlite3
import time

import asyncpg

from tests.faults.senders import Senders
from tests.faults.world import ORPHAN_SECONDS, World

SETTLING_SECONDS = 90.0
UNDER_WAY = {
    "ingests that wait": "SELECT count(*) FROM ingests WHERE state IN ('receiving', 'received', 'processing')",
    "previews that are wanted": "SELECT count(*) FROM ingests WHERE preview = 'wanted'",
    "deliveries that are pending": "SELECT count(*) FROM deliveries WHERE state = 'pending'",
}


async def settled(world: World, senders: Senders, seconds: float = SETTLING_SECONDS) -> dict[str, int]:
    """Wait until nothing is under way, or that long; then until what no row keeps is old enough and swept.

    Return what is still under way.
    """
    until = time.monotonic() + seconds
    while left := await under_way(world, senders):
        if time.monotonic() > until:
            return left
        await asyncio.sleep(0.25)
    await asyncio.sleep(2 * ORPHAN_SECONDS)
    return {}


async def under_way(world: World, senders: Senders) -> dict[str, int]:
    """Return how many of what are under way."""
    try:
        counts = {what: (await world.rows(query))[0][0] for what, query in UNDER_WAY.items()}
    except (sqlite3.Error, asyncpg.PostgresError, OSError) as error:
        return {f"a catalog that answers ({error!r})": 1}
    counts["uploads without an outcome"] = len(senders.waiting)
    return {what: count for what, count in counts.items() if count}
