"""A small real stack that may lack a protection, an honest sender and Perception; what they leave is the evidence."""

import asyncio
import hashlib
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.faults.evidence import Evidence, gather
from tests.faults.perception import Follower, Log, Perception
from tests.faults.processes import command
from tests.system.stack import ROOT, Launched, launch

MUTATIONS = Path(__file__).parent / "mutations"
SETTINGS = {
    "RATE_LIMIT": "1000000/minute",
    "READ_RATE_LIMIT": "1000000/minute",
    "LEASE_SECONDS": "2",
    "SWEEP_SECONDS": "1",
    "RETRY_SECONDS": "0.2",
    "DELIVERY_RETRY_SECONDS": "0.2",
    "DELIVERY_TIMEOUT_SECONDS": "2",
    "WEBHOOK_ALLOW_PRIVATE": "true",
    "MIN_FREE_BYTES": "0",
    "FREE_AGAIN_BYTES": "0",
}
UNDER_WAY = (
    "SELECT (SELECT count(*) FROM ingests WHERE state IN ('receiving', 'received', 'processing') OR preview = 'wanted')"
    " + (SELECT count(*) FROM deliveries WHERE state = 'pending')"
)


@dataclass(frozen=True)
class Sender:
    """Sends raw bodies and logs each attempt as the storm's senders do."""

    url: str
    log: Log

    async def send(self, name: str, content: bytes, key: str | None = None) -> dict[str, Any]:
        """Send once; return what was logged."""
        entry, headers = _begun(name, content, key), {"Idempotency-Key": key} if key else {}
        try:
            async with httpx.AsyncClient(timeout=20, trust_env=False) as client:
                url, params = f"{self.url}/ingest", {"filename": name}
                answer = await client.post(url, params=params, content=content, headers=headers)
        except httpx.TransportError as fault:
            entry["error"] = repr(fault)
        else:
            entry |= {"status": answer.status_code, "receipt" if answer.is_success else "problem": answer.json()}
        return self._ended(entry)

    async def send_and_hang_up(self, name: str, content: bytes, key: str, taken: Callable[[], bool]) -> None:
        """Send once and go, without reading an answer, as soon as it is taken."""
        entry, url = _begun(name, content, key), httpx.URL(self.url)
        head = f"POST /ingest?filename={name} HTTP/1.1\r\nHost: {url.host}\r\nContent-Length: {len(content)}\r\n"
        _, writer = await asyncio.open_connection(url.host, url.port)
        writer.write(f"{head}Idempotency-Key: {key}\r\n\r\n".encode() + content)
        await writer.drain()
        assert await eventually(taken)
        writer.close()
        self._ended(entry | {"error": "it hung up before the answer"})

    def _ended(self, entry: dict[str, Any]) -> dict[str, Any]:
        entry["ended"] = time.time()
        self.log.add(**entry)
        return entry


def _begun(name: str, content: bytes, key: str | None) -> dict[str, Any]:
    sent = {"filename": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest(), "key": key}
    unknown = dict.fromkeys(("status", "error", "problem", "receipt", "sabotage"))
    return {"sender": 1, "upload": name, "attempt": 1, "way": "raw", "started": time.time(), **sent, **unknown}


@dataclass(frozen=True)
class Trial:
    """What a test does to the stack, and what it sees of it."""

    folder: Path
    stack: Launched
    sender: Sender
    follower: Follower

    async def settles(self, seconds: float = 60) -> bool:
        """Wait until nothing is under way any more; return whether that came in time."""
        return await eventually(lambda: not self.count(UNDER_WAY), seconds)

    def count(self, query: str) -> int:
        """Ask the catalog for a number."""
        with closing(sqlite3.connect(self.stack.data_dir / "catalog.db", timeout=5)) as connection:
            return connection.execute(query).fetchone()[0]

    def workers(self) -> list[int]:
        """Return all processes of all workers."""
        return [pid for pid in self.stack.pids() if " worker " in command(pid)]

    async def provoked(self, name: str = "provoked") -> int:
        """Wait until the moment has come; return the pid of the process that met it."""
        path = self.stack.data_dir / name
        assert await eventually(lambda: path.exists() and path.read_text().endswith("\n")), name
        return int(path.read_text())

    async def evidence(self) -> Evidence:
        """Let the follower come to the end, stop the stack and gather."""
        await self.follower.reached(self.count("SELECT count(*) FROM events"))
        await asyncio.to_thread(self.stack.stop)
        return gather(self.folder, self.stack.data_dir)


@asynccontextmanager
async def trial(folder: Path, *mutations: str, **settings: str) -> AsyncIterator[Trial]:
    """Run a stack with these mutations, its Perception and a sender's log in the folder, its DATA_DIR in there too."""
    async with Perception(folder) as perception:
        stack = await started(
            folder / "data",
            ("migrate", "api", "worker", "notifier", "beat"),
            *mutations,
            PERCEPTION_SINKS=perception.sinks,
            **settings,
        )
        log = Log(folder / "senders.jsonl")
        try:
            async with Follower(folder, stack.url) as follower:
                yield Trial(folder, stack, Sender(stack.url, log), follower)
        finally:
            log.close()
            await asyncio.to_thread(stack.end)


async def started(data_dir: Path, parts: tuple[str, ...], *mutations: str, **settings: str) -> Launched:
    """Start some lines of the Procfile with these mutations, and wait until they are ready."""
    lines = (ROOT / "Procfile").read_text().splitlines(keepends=True)
    procfile = data_dir.with_name("Procfile")
    procfile.write_text("".join(line for line in lines if line.partition(":")[0] in parts))
    mutated = {"PYTHONPATH": str(MUTATIONS), "MUTATIONS": " ".join(mutations)} if mutations else {}
    stack = launch(data_dir, f"--procfile={procfile}", **(SETTINGS | settings | mutated))
    try:
        return await asyncio.to_thread(stack.ready)
    except BaseException:
        stack.end()
        raise


async def eventually(true: Callable[[], Any], seconds: float = 60) -> bool:
    """Wait for a condition; return whether it came in time."""
    until = time.monotonic() + seconds
    while not (found := true()) and time.monotonic() < until:
        await asyncio.sleep(0.02)
    return bool(found)
