"""Follows uploads: their moves by the API, their events by the consumer's log; it leaves sending to `sending`."""

import asyncio
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from deploy.local.faults import LaunchError

SECONDS = 120.0


class NotDelivered(LaunchError):
    """An upload did not reach the consumer as a completed one."""


def taken(data_dir: Path) -> dict[str, float]:
    """Return when the example consumer took the event of each ingest, by its own clock."""
    log = data_dir / "perception" / "events.jsonl"
    lines = log.read_text().splitlines(keepends=True) if log.exists() else []
    # The last line may be half written.
    entries = [json.loads(line) for line in lines if line.endswith("\n")]
    return {entry["event"]["subject"]: entry["received_at"] for entry in entries}


async def all_taken(data_dir: Path, ingest_ids: set[str]) -> dict[str, float]:
    """Wait until the consumer has taken all of them, and return when it did. Raise NotDelivered."""
    try:
        async with asyncio.timeout(SECONDS):
            while not ingest_ids <= (times := taken(data_dir)).keys():  # noqa: ASYNC110  (the log is another process's)
                await asyncio.sleep(0.1)
    except TimeoutError as error:
        missing = ingest_ids - taken(data_dir).keys()
        raise NotDelivered(f"{len(missing)} of {len(ingest_ids)} uploads did not reach the consumer.") from error
    return times


async def completed(address: str, ingest_id: str) -> float:
    """Return when an ingest was completed, as its history tells. Raise NotDelivered where it ended otherwise."""
    async with httpx.AsyncClient(base_url=f"http://{address}", trust_env=False) as client:
        receipt: dict[str, Any] = (await client.get(f"/ingest/{ingest_id}")).raise_for_status().json()
    for move in receipt["history"]:
        if move["after"] == "completed":
            return datetime.fromisoformat(move["at"]).timestamp()
    raise NotDelivered(f"An upload ended as {receipt['state']}: {receipt['verdict']}")
