"""A small webhook receiver for tests that can also misbehave; it leaves judging what it got to the test."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Self

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
SILENCE = b""


def answer(status: str, *headers: str) -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", *headers, "Content-Length: 0", "", ""]).encode()


@dataclass(frozen=True)
class Request:
    """What came in; `peer` tells connections apart."""

    target: str
    headers: dict[str, str]
    body: bytes
    peer: tuple[str, int]


@dataclass
class WebhookServer:
    """Gives `answer` to every request, in one piece or with a pause before each byte. SILENCE keeps it waiting."""

    answer: bytes = OK
    pause: float = 0
    port: int = 0
    tls: ssl.SSLContext | None = None
    requests: list[Request] = field(default_factory=list)
    connections: set[asyncio.Task[None]] = field(default_factory=set)
    _server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"{'https' if self.tls else 'http'}://localhost:{self.port}/hook"

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Self]:
        """Run it for the time of the context."""
        await self.start()
        try:
            yield self
        finally:
            await self.stop()

    async def start(self) -> None:
        """Listen; started again, on the same port."""
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self.port, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening and drop every connection."""
        if self._server is not None:
            self._server.close()
        for task in self.connections:
            task.cancel()
        await asyncio.gather(*self.connections, return_exceptions=True)
        self.connections.clear()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.connections.add(task)
        try:
            while True:
                self.requests.append(await _request(reader, writer.get_extra_info("peername")[:2]))
                await self._respond(writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the sink has hung up, which is its right
        finally:
            self.connections.discard(task)
            writer.close()

    async def _respond(self, writer: asyncio.StreamWriter) -> None:
        if self.answer == SILENCE:
            await asyncio.Event().wait()
        length = 1 if self.pause else len(self.answer)
        for start in range(0, len(self.answer), length):
            await asyncio.sleep(self.pause)
            writer.write(self.answer[start : start + length])
            await writer.drain()


async def _request(reader: asyncio.StreamReader, peer: tuple[str, int]) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    first, *lines = head.strip().split("\r\n")
    headers = {name.lower(): value.strip() for name, value in (line.split(":", 1) for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Request(first.split()[1], headers, body, peer)
