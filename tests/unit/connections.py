"""A server with our protocol in the test's own loop, and an app that notes what it saw; tests send what they like."""

import asyncio
import fcntl
import hashlib
import termios
from array import array
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import uvicorn
import uvloop
from uvicorn.server import ServerState

from api.protocol.http import protocol_with

LOOPS = {"uvloop": uvloop.new_event_loop, "asyncio": asyncio.new_event_loop}
SECONDS = 10
"""A deadline for what comes at once."""
QUIET_TICKS = 20
"""Rounds of the loop without anything new, after which nothing more comes by itself."""


@dataclass(frozen=True)
class Seen:
    """One request as the app saw it."""

    path: str
    body: bytes
    end: str


@dataclass
class App:
    """Reads bodies, straight or not, and answers by size and digest; at once where the path begins with /early."""

    straight: bool = True
    seen: list[Seen] = field(default_factory=list)
    pieces: list[bytes | memoryview] = field(default_factory=list)
    may_read: asyncio.Event = field(default_factory=asyncio.Event)
    came: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self):
        self.may_read.set()

    async def __call__(self, scope, receive, send):
        if self.straight:
            scope["extensions"]["hmas.body"].read_straight()
        if scope["path"].startswith("/early"):
            await answered(send, b"early")
            return
        body, end = await self._body(receive)
        self.seen.append(Seen(scope["path"], body, end))
        await answered(send, f"{len(body)} {hashlib.sha256(body).hexdigest()}".encode())

    async def _body(self, receive):
        body, more = bytearray(), True
        while more:
            await self.may_read.wait()
            message = await receive()
            more = message.get("more_body", False)
            if piece := message.get("body"):
                self.pieces.append(piece)
                body += piece
                self.came.set()
        return bytes(body), message["type"]


async def answered(send, body):
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def answer(content, *, close=False):
    """The whole answer of the app to this content."""
    body = content if content == b"early" else f"{len(content)} {hashlib.sha256(content).hexdigest()}".encode()
    head = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n" % len(body)
    return head + (b"connection: close\r\n" if close else b"") + b"\r\n" + body


def post(path, content, *headers):
    lines = (b"POST %s HTTP/1.1" % path, b"Host: a", b"Content-Length: %d" % len(content), *headers, b"", b"")
    return b"\r\n".join(lines) + content


@dataclass
class Served:
    """A listening server."""

    port: int
    protocols: list
    app: App

    @asynccontextmanager
    async def connection(self, **how):
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, **how)
        try:
            yield reader, writer
        finally:
            writer.close()

    async def settled(self):
        """Wait until the one connection's server has done with what was sent all that it does."""
        async with asyncio.timeout(SECONDS):
            before, quiet = None, 0
            while quiet < QUIET_TICKS:
                await asyncio.sleep(0)
                now = self._state()
                quiet = quiet + 1 if now == before else 0
                before = now

    async def ended(self):
        """Wait until the one connection is lost."""
        async with asyncio.timeout(SECONDS):
            while not self.protocols or self.protocols[0].parser is not None:
                await asyncio.sleep(0)

    def _state(self):
        seen, pieces = len(getattr(self.app, "seen", ())), len(getattr(self.app, "pieces", ()))
        if not self.protocols or self.protocols[0].transport.is_closing():
            return seen, pieces, len(self.protocols)
        (protocol,) = self.protocols
        unread = array("i", [0])
        fcntl.ioctl(protocol.transport.get_extra_info("socket").fileno(), termios.FIONREAD, unread)
        return seen, pieces, unread[0], protocol.flow.read_paused


@asynccontextmanager
async def serving(app, header_seconds=SECONDS, **how):
    """Serve the app in the running loop."""
    config = uvicorn.Config(app, http=protocol_with(header_seconds), ws="none", lifespan="off", log_config=None)
    config.load()
    state, protocols = ServerState(), []
    loop = asyncio.get_running_loop()

    def accepted():
        protocols.append(config.http_protocol_class(config=config, server_state=state, app_state={}, _loop=loop))
        return protocols[-1]

    server = await loop.create_server(accepted, "127.0.0.1", 0, **how)
    try:
        yield Served(server.sockets[0].getsockname()[1], protocols, app)
    finally:
        server.close()
        for protocol in list(state.connections):
            protocol.transport.abort()
        async with asyncio.timeout(SECONDS):
            while state.connections or state.tasks:
                await asyncio.sleep(0.001)


def run(test, loop="uvloop"):
    """Run a coroutine on one of the LOOPS."""
    with asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
        return runner.run(test)
