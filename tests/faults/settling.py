"""Waiting for the calm after the last fault, when nothing is under way; it leaves judging to the checker."""

import asyncio
import sqlite3
import time

import asyncpg

from tests.faults.senders import Senders
from tests.faults.world import ORPHAN_SECONDS, World

SETTLING_SECONDS = 90.0
BACKING_OFF_SECONDS = 600.0
"""A delivery that was refused ten times waits by the rules: it is waited for, but not for ever."""
UNDER_WAY = {
    "ingests that wait": "SELECT count(*) FROM ingests WHERE state IN ('receiving', 'received', 'processing')",
    "previews that are wanted": "SELECT count(*) FROM ingests WHERE preview = 'wanted'",
    "deliveries that are due": "SELECT count(*) FROM deliveries WHERE state = 'pending' AND next_attempt_at <= {now}",
}
BACKING_OFF = "deliveries that back off"
_BACKING_OFF = "SELECT count(*) FROM deliveries WHERE state = 'pending' AND next_attempt_at > {now}"


async def settled(world: World, senders: Senders, seconds: float = SETTLING_SECONDS) -> dict[str, int]:
    """Wait until nothing is under way, or that long; then until what no row keeps is old enough and swept.

    Return what is still under way.
    """
    until, at_last = time.monotonic() + seconds, time.monotonic() + BACKING_OFF_SECONDS
    while left := await under_way(world, senders):
        if time.monotonic() > (at_last if left.keys() == {BACKING_OFF} else until):
            return left
        await asyncio.sleep(0.25)
    await asyncio.sleep(2 * ORPHAN_SECONDS)
    return {}


async def under_way(world: World, senders: Senders) -> dict[str, int]:
    """Return how many of what are under way."""
    now = round(time.time() * 1e6)
    queries = UNDER_WAY | {BACKING_OFF: _BACKING_OFF}
    try:
        counts = {what: (await world.rows(query.format(now=now)))[0][0] for what, query in queries.items()}
    except (sqlite3.Error, asyncpg.PostgresError, OSError) as error:
        return {f"a catalog that answers ({error!r})": 1}
    counts["uploads without an outcome"] = len(senders.waiting)
    return {what: count for what, count in counts.items() if count}
