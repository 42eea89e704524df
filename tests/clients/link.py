"""A proxy before the API, in a thread of its own, for tests that block; the misbehaviour is `tests.faults.proxy`'s."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

from tests.faults.proxy import BOTH, Proxy

SECONDS = 10


class Link:
    """The proxy as seen from another thread."""

    def __init__(self, proxy: Proxy, loop: asyncio.AbstractEventLoop) -> None:
        self._proxy, self._loop = proxy, loop
        self.port = proxy.port
        self.url = f"http://127.0.0.1:{proxy.port}"

    @classmethod
    @contextmanager
    def to(cls, target: int) -> Iterator[Self]:
        """Run one for the time of the context."""
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever)
        thread.start()
        context = Proxy.to(target)
        try:
            proxy = _awaited(loop, context.__aenter__())
            try:
                yield cls(proxy, loop)
            finally:
                _awaited(loop, context.__aexit__(None, None, None))
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join(SECONDS)
            loop.close()

    def mode(self, name: str, directions: tuple[str, ...] = BOTH) -> None:
        """Change the mode, as the proxy's."""
        self._done(lambda: self._proxy.mode(name, directions))

    def cut_after(self, *sizes: int) -> None:
        """Cut connections at these bytes, as the proxy's."""
        self._done(lambda: self._proxy.cut_after(*sizes))

    def reset(self) -> None:
        """Reset what is open."""
        self._done(self._proxy.reset)

    def well(self) -> None:
        """Pass everything again."""
        self.mode("pass")
        self.cut_after()

    def _done(self, change) -> None:
        done = threading.Event()
        self._loop.call_soon_threadsafe(lambda: (change(), done.set()))
        assert done.wait(SECONDS)


def _awaited(loop: asyncio.AbstractEventLoop, awaitable):
    return asyncio.run_coroutine_threadsafe(_await(awaitable), loop).result(SECONDS)


async def _await(awaitable):
    return await awaitable
