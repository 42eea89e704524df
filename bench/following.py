"""Follows uploads: their moves by the API, their events by the consumer's log; it leaves sending to `sending`."""

import asyncio
import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import httpx

from deploy.local.faults import LaunchError

SECONDS = 120.0


class NotDelivered(LaunchError):
    """An upload did not reach the consumer as a completed one."""


async def all_taken(data_dir: Path, ingest_ids: set[str]) -> dict[str, float]:
    """Wait until the example consumer has taken all of them; return when it did, by its clock. Raise NotDelivered."""
    log = data_dir / "perception" / "events.jsonl"
    log.parent.mkdir(exist_ok=True)
    log.touch()
    times: dict[str, float] = {}
    try:
        async with asyncio.timeout(SECONDS):
            with log.open("rb") as lines:
                while not ingest_ids <= times.keys():
                    times |= _taken(lines)
                    await asyncio.sleep(0.1)
    except TimeoutError as error:
        missing = ingest_ids - times.keys()
        raise NotDelivered(f"{len(missing)} of {len(ingest_ids)} uploads did not reach the consumer.") from error
    return times


def _taken(lines: BinaryIO) -> dict[str, float]:
    """Return what has been added, but for a line that is half written."""
    times = {}
    while (line := lines.readline()).endswith(b"\n"):
        entry = json.loads(line)
        times[entry["event"]["subject"]] = entry["received_at"]
    lines.seek(-len(line), os.SEEK_CUR)
    return times


async def completed(address: str, ingest_id: str) -> float:
    """Return when an ingest was completed, as its history tells. Raise NotDelivered where it ended otherwise."""
    async with httpx.AsyncClient(base_url=f"http://{address}", trust_env=False) as client:
        receipt: dict[str, Any] = (await client.get(f"/ingest/{ingest_id}")).raise_for_status().json()
    for move in receipt["history"]:
        if move["after"] == "completed":
            return datetime.fromisoformat(move["at"]).timestamp()
    raise NotDelivered(f"An upload ended as {receipt['state']}: {receipt['verdict']}")
