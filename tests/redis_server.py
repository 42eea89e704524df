"""The product's embedded Redis for tests: starts, breaks and stops it by its pid; it leaves its data to the test."""

import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

from redis import Redis
from redis.exceptions import RedisError

from deploy.local.redis_server import EmbeddedRedis

SECONDS = 10
DIE_WITH_PARENT = ("setpriv", "--pdeathsig", "TERM")
"""A killed test run leaves no server behind. https://man7.org/linux/man-pages/man1/setpriv.1.html"""


class RedisServer:
    """One server in its own folder; started again it has the same port and, from its append-only file, its data."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._embedded = EmbeddedRedis.find(folder)
        self._log = folder / "redis.log"
        self._process: subprocess.Popen[bytes] | None = None
        self.url = self._embedded.url

    @contextmanager
    def running(self) -> Iterator[Self]:
        """Run it for the time of the context."""
        self.start()
        try:
            yield self
        finally:
            self.stop()

    @property
    def pid(self) -> int:
        """The pid of the running server."""
        assert self._process is not None, "the server is not running"
        return self._process.pid

    def start(self) -> None:
        """Start it and wait until it answers."""
        command = DIE_WITH_PARENT + self._embedded.command.words
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        self._wait()

    def stop(self) -> None:
        """Stop it in order, also where it is frozen or was killed."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Kill it in the middle of whatever it does."""
        self._end(signal.SIGKILL)

    def freeze(self) -> None:
        """Let it take connections and never answer."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it answer again."""
        self._signal(signal.SIGCONT)

    def client(self) -> Redis:
        """Return a client that decodes to text."""
        return Redis.from_url(self.url, decode_responses=True, socket_timeout=SECONDS)

    def _wait(self) -> None:
        deadline = time.monotonic() + SECONDS
        with self.client() as client:
            while time.monotonic() < deadline:
                with suppress(RedisError):
                    client.ping()
                    return
                time.sleep(0.01)
        self.stop()
        raise TimeoutError(self._log.read_text())

    def _signal(self, signum: signal.Signals) -> None:
        assert self._process is not None, "the server is not running"
        self._process.send_signal(signum)

    def _end(self, signum: signal.Signals) -> None:
        if self._process is not None:
            self._signal(signum)
            self._signal(signal.SIGCONT)
            self._process.wait(SECONDS)
            self._process = None
