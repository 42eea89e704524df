"""Operators who delete and replay while the storm goes on; it leaves judging what that leads to to the checker."""

import asyncio
import random
import time
from contextlib import suppress

import httpx

from tests.faults.senders import Senders

PAUSE_SECONDS = 0.7
DELETED_SHARE = 0.3


async def operate(url: str, senders: Senders, until: float, seed: int) -> None:
    """Look at an accepted ingest now and then: delete some that are completed, replay those that failed."""
    chance = random.Random(f"{seed} operator")
    async with httpx.AsyncClient(base_url=f"{url}/ingest", timeout=20, trust_env=False) as client:
        while time.monotonic() < until:
            await asyncio.sleep(PAUSE_SECONDS)
            if senders.accepted:
                with suppress(httpx.HTTPError):  # it is down, or the answer was lost: another time
                    await _look(client, chance.choice(senders.accepted), senders, chance)


async def _look(client: httpx.AsyncClient, ingest_id: str, senders: Senders, chance: random.Random) -> None:
    answer = await client.get(f"/{ingest_id}")
    state = answer.json()["state"] if answer.is_success else None
    if state == "completed" and chance.random() < DELETED_SHARE:
        started, status = time.time(), None
        try:
            status = (await client.delete(f"/{ingest_id}")).status_code
        finally:
            senders.deleted(ingest_id, status, started)
    elif state == "failed":
        await client.post(f"/{ingest_id}/replay")
