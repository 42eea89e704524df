"""Perception as two webhooks that can misbehave, and as a follower of `GET /events`; each logs what it took.

The webhooks speak as in https://www.standardwebhooks.com: the header `webhook-id` is the event's id.
"""

import asyncio
import json
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal, Self

import httpx

from tests.faults.ports import free_port

Mode = Literal["well", "down", "slow", "500", "dies"]

REDIS_SINKS = ("redis-stream:hmas.events", "celery:perception")
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
ERROR = b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n"


class Log:
    """One JSON object a line, whole when `add` returns."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", buffering=1)

    def add(self, **entry: Any) -> None:
        """Append an entry."""
        self._file.write(json.dumps(entry) + "\n")

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class Webhook:
    """One receiver, on one port for all its life; `slow_seconds` must be more than DELIVERY_TIMEOUT_SECONDS."""

    def __init__(self, name: str, log: Log, slow_seconds: float) -> None:
        self._name, self._log, self._slow_seconds = name, log, slow_seconds
        self._server: asyncio.Server | None = None
        self._connections: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._mode: Mode = "well"
        self._port = free_port()

    @property
    def sink(self) -> str:
        """Its URL, which is the sink's name in the catalog."""
        return f"http://127.0.0.1:{self._port}/{self._name}"

    async def switch(self, mode: Mode) -> None:
        """Behave like that from now on."""
        self._mode = mode
        if mode == "down":
            await self.close()
        elif self._server is None:
            await self.listen()

    async def listen(self) -> None:
        """Take connections, on the same port as before."""
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self._port)

    async def close(self) -> None:
        """Refuse connections and drop the open ones."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in self._connections.values():
            writer.transport.abort()
        await asyncio.gather(*self._connections)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections[task] = writer
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):  # the service may hang up at any time
                while await self._taken(reader, writer):
                    pass
        finally:
            writer.close()
            del self._connections[task]

    async def _taken(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Take one event; return whether the connection goes on."""
        event_id, event = await _request(reader)
        mode = self._mode
        hung_up = mode == "slow" and await _hangs_up(reader, self._slow_seconds)
        answered = None if hung_up or mode == "dies" else 500 if mode == "500" else 200
        self._log.add(sink=self.sink, at=time.time(), id=event_id, answered=answered, event=event)
        if answered:
            writer.write(OK if answered == 200 else ERROR)
            await writer.drain()
        return answered is not None


class Perception:
    """Two webhooks on free ports that log to `perception.jsonl`, and the names of all sinks."""

    def __init__(self, folder: Path, slow_seconds: float = 5) -> None:
        self._log = Log(folder / "perception.jsonl")
        self.webhooks = [Webhook(name, self._log, slow_seconds) for name in ("first", "second")]

    async def __aenter__(self) -> Self:
        for webhook in self.webhooks:
            await webhook.listen()
        return self

    async def __aexit__(self, *_: object) -> None:
        for webhook in self.webhooks:
            await webhook.close()
        self._log.close()

    @property
    def sinks(self) -> str:
        """PERCEPTION_SINKS; WEBHOOK_ALLOW_PRIVATE=true goes with it."""
        return ",".join((*(webhook.sink for webhook in self.webhooks), *REDIS_SINKS))

    async def mode(self, name: Mode, number: int | None = None) -> None:
        """Switch both webhooks, or the one with that number."""
        for webhook in self.webhooks if number is None else [self.webhooks[number]]:
            await webhook.switch(name)


class Follower:
    """Follows `GET /events?after=` while the context lasts, and logs each event to `followed.jsonl`."""

    def __init__(self, folder: Path, url: str, pause: float = 0.2) -> None:
        self._log = Log(folder / "followed.jsonl")
        self._url, self._pause = f"{url}/events", pause
        self._following: asyncio.Task[None] | None = None
        self.last = 0
        """The sequence of the last event that was taken."""

    async def __aenter__(self) -> Self:
        self._following = asyncio.create_task(self._follow())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._following is not None
        self._following.cancel()
        await asyncio.wait({self._following})
        self._log.close()

    async def reached(self, sequence: int, seconds: float = 10) -> bool:
        """Wait until it has come as far as that; return whether it has in that time."""
        until = time.monotonic() + seconds
        while self.last < sequence and time.monotonic() < until:
            await asyncio.sleep(self._pause / 4)
        return self.last >= sequence

    async def _follow(self) -> None:
        async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
            while True:
                self._take(await self._asked(client))
                await asyncio.sleep(self._pause)

    async def _asked(self, client: httpx.AsyncClient) -> list[dict[str, Any]]:
        """Return what comes next; nothing while the service is away."""
        try:
            answer = await client.get(self._url, params={"after": self.last, "limit": 1000})
        except httpx.TransportError:
            return []
        return answer.json() if answer.is_success else []

    def _take(self, events: Iterable[dict[str, Any]]) -> None:
        for event in events:
            self.last = int(event["sequence"])
            self._log.add(at=time.time(), sequence=self.last, id=event["id"], event=event)


async def _request(reader: asyncio.StreamReader) -> tuple[str, dict[str, Any]]:
    """Return the id in the head, and the event."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    lines = (line.split(":", 1) for line in head.split("\r\n")[1:] if line)
    headers = {name.strip().lower(): value.strip() for name, value in lines}
    return headers["webhook-id"], json.loads(await reader.readexactly(int(headers["content-length"])))


async def _hangs_up(reader: asyncio.StreamReader, seconds: float) -> bool:
    """Wait that long; return whether the other side hung up meanwhile."""
    try:
        return await asyncio.wait_for(reader.read(1), seconds) == b""
    except TimeoutError:
        return False
