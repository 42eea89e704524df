"""One storm's world: disk, Redis, PostgreSQL, proxies before them, the whole stack; it leaves the faults to others."""

import asyncio
import os
import sqlite3
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from tests.faults.disk import MIB, Disk
from tests.faults.perception import Perception
from tests.faults.processes import Processes
from tests.faults.proxy import Proxy
from tests.faults.schedule import POSTGRES
from tests.faults.servers import PostgresServer, RedisServer, Server, eventually
from tests.system.stack import ROOT, Launched, launch

SETTLED_SECONDS = 11
"""The launcher gives up where a process ends within its first ten seconds."""
LEASE_SECONDS = 3
DELIVERY_TIMEOUT_SECONDS = 3
SLOW_SECONDS = 5
ORPHAN_SECONDS = 6
WATCHERS = ("perception:", "flower:", "exporter:")
"""Lines of the Procfile that take no part; Perception is the storm's own."""

SETTINGS = {
    "RATE_LIMIT": "1000000/minute",
    "READ_RATE_LIMIT": "1000000/minute",
    "LARGE_BYTES": str(4 * MIB),
    "MIN_FREE_BYTES": str(8 * MIB),
    "FREE_AGAIN_BYTES": str(16 * MIB),
    "LEASE_SECONDS": str(LEASE_SECONDS),
    "SWEEP_SECONDS": "1",
    "RETRY_SECONDS": "0.5",
    "ORPHAN_SECONDS": str(ORPHAN_SECONDS),
    "DELIVERY_ATTEMPTS": "1000",
    "DELIVERY_RETRY_SECONDS": "0.5",
    "DELIVERY_TIMEOUT_SECONDS": str(DELIVERY_TIMEOUT_SECONDS),
    "WEBHOOK_ALLOW_PRIVATE": "true",
}


@dataclass(frozen=True)
class World:
    """What the faults happen to. The links lead from the stack, or from the senders, to a server."""

    folder: Path
    disk: Disk
    redis: RedisServer
    redis_link: Proxy
    postgres: PostgresServer | None
    postgres_link: Proxy | None
    api_link: Proxy
    perception: Perception
    stack: Launched

    @classmethod
    @asynccontextmanager
    async def begun(cls, folder: Path, catalog: str, disk_bytes: int) -> AsyncIterator["World"]:
        """Start all in an empty folder, ready for work; stop all at the end."""
        async with AsyncExitStack() as ending:
            disk = ending.enter_context(Disk.mounted(folder / "data", disk_bytes))
            redis, redis_link = await _served(RedisServer(_made(folder / "redis")), ending)
            postgres = postgres_link = None
            if catalog == POSTGRES:
                postgres, postgres_link = await _served(PostgresServer(_made(folder / "postgres")), ending)
            perception = await ending.enter_async_context(Perception(folder, SLOW_SECONDS))
            settings = {
                "REDIS_URL": f"redis://127.0.0.1:{redis_link.port}/0",
                "DATABASE_URL": postgres.url(postgres_link.port) if postgres else "",
                "PERCEPTION_SINKS": perception.sinks,
            }
            stack = launch(disk.folder, "--procfile", str(_procfile(folder)), **SETTINGS, **settings)
            ending.push_async_callback(asyncio.to_thread, stack.end)
            await asyncio.to_thread(stack.ready)
            api_link = await ending.enter_async_context(Proxy.to(int(stack.settings["PORT"])))
            yield cls(folder, disk, redis, redis_link, postgres, postgres_link, api_link, perception, stack)

    @property
    def processes(self) -> Processes:
        """The stack's processes."""
        return Processes(f"DATA_DIR={self.disk.folder}")

    @property
    def database_url(self) -> str:
        """The catalog's address, past all proxies; empty for SQLite."""
        return self.postgres.url(self.postgres.port) if self.postgres else ""

    async def rows(self, query: str) -> list[tuple]:
        """Ask the catalog itself."""
        if self.postgres is None:
            with closing(sqlite3.connect(f"file:{self.disk.folder}/catalog.db?mode=ro", uri=True)) as catalog:
                return catalog.execute(query).fetchall()
        catalog = await asyncpg.connect(self.database_url, timeout=5)
        try:
            return [tuple(row) for row in await catalog.fetch(query)]
        finally:
            await catalog.close()

    async def stands(self) -> None:
        """Wait until every part of the stack has lived so long that the launcher starts it again when it dies."""
        until = time.monotonic() + SETTLED_SECONDS
        for part in ("api", "worker", "worker-large", "notifier", "beat"):
            await self.runs(part)
        await asyncio.sleep(until - time.monotonic())

    async def ask_what_they_do(self) -> None:
        """Write into `active.out` which tasks each Celery worker says that it is at; a deaf one says nothing."""
        command = (sys.executable, "-m", "celery", "-A", "workers.celery_app", "inspect", "active")
        with (self.folder / "active.out").open("wb") as output:
            environment = os.environ | self.stack.settings
            process = await asyncio.create_subprocess_exec(
                *command, cwd=ROOT, env=environment, stdout=output, stderr=output
            )
            await process.wait()

    async def runs(self, part: str, seconds: float = 90) -> int:
        """Wait until a part of the stack runs; return its pid."""

        async def found() -> bool:
            return self.processes.part(part) is not None

        await eventually(found, f"{part} does not run: {self.stack.said}", seconds)
        return self.processes.part(part)


async def _served(server: Server, ending: AsyncExitStack) -> tuple[Server, Proxy]:
    """Start a server, with a proxy before it; both end with the stack of contexts."""
    ending.push_async_callback(server.kill)
    await server.start()
    return server, await ending.enter_async_context(Proxy.to(server.port))


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


def _procfile(folder: Path) -> Path:
    lines = (ROOT / "Procfile").read_text().splitlines(keepends=True)
    path = folder / "Procfile"
    path.write_text("".join(line for line in lines if not line.startswith(WATCHERS)))
    return path
