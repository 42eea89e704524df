"""A stop in order: what comes now is refused, and in the end what still comes is broken off; when, the server says."""

import asyncio

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import problem
from shared.errors import Stopping

_READING = frozenset({"GET", "HEAD"})


class Stop:
    """How far the stop of this process has come."""

    def __init__(self) -> None:
        self.begun = self._over = False
        self._listening: set[asyncio.Timeout] = set()

    def begin(self) -> None:
        """From now on nothing new is begun."""
        self.begun = True

    def break_off(self) -> None:
        """From now on no sender is listened to any more."""
        self.begun = self._over = True
        now = asyncio.get_running_loop().time()
        for listening in self._listening:
            listening.reschedule(now)

    async def listen(self, receive: Receive) -> Message:
        """Wait for the sender alone, so that no write and no commit is broken off. Raise Stopping."""
        if self._over:
            raise Stopping
        try:
            async with asyncio.timeout(None) as listening:
                self._listening.add(listening)
                return await receive()
        except TimeoutError:
            raise Stopping from None
        finally:
            self._listening.discard(listening)


class StopInOrder:
    """ASGI middleware: refuses and breaks off as `stop` says; reads are served to their end."""

    def __init__(self, app: ASGIApp, stop: Stop) -> None:
        self._app, self._stop = app, stop

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the request, or refuse it."""

        async def send_last(message: Message) -> None:
            if self._stop.begun and message["type"] == "http.response.start":
                MutableHeaders(scope=message)["connection"] = "close"
            await send(message)

        if scope["type"] != "http" or scope["method"] in _READING:
            await self._app(scope, receive, send_last)
        elif self._stop.begun:
            await problem(Request(scope), Stopping())(scope, receive, send_last)
        else:
            await self._app(scope, self._broken_off(receive), send_last)

    def _broken_off(self, receive: Receive) -> Receive:
        """Raise Stopping once; who goes on after that reads away what is under way, and may."""
        raised = False

        async def listen() -> Message:
            nonlocal raised
            if raised:
                return await receive()
            try:
                return await self._stop.listen(receive)
            except Stopping:
                raised = True
                raise

        return listen
