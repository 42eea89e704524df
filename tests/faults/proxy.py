"""A TCP proxy that can be told to misbehave; it leaves when, and for how long, to the schedule."""

import asyncio
import socket
import struct
from contextlib import asynccontextmanager, suppress

IN, OUT = "in", "out"
BOTH = (IN, OUT)
PIECE_BYTES = 256 * 1024
DELAY_SECONDS = 0.15
RESET_AT_ONCE = struct.pack("ii", 1, 0)
"""SO_LINGER on with 0 s: closing sends RST and drops what was not sent. https://man7.org/linux/man-pages/man7/socket.7.html"""


class Proxy:
    """Passes bytes between its own loopback port and another one, each direction in its mode.

    pass; delay: each piece comes late; stall: nothing comes until the mode changes, then all of it, as after a
    partition that heals; reset: every connection, old or new, is reset; cut: half of the next piece comes, then a
    reset. IN is towards the target: requests. OUT is back from it: answers. In every mode, `cut_after` resets the one
    connection that brings a certain byte.
    """

    def __init__(self, target: int) -> None:
        self._target = target
        self._modes = dict.fromkeys(BOTH, "pass")
        self._changed = asyncio.Event()
        self._cuts: list[int] = []
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task] = set()
        self.port = 0

    @classmethod
    @asynccontextmanager
    async def to(cls, target: int):
        """Run one for the time of the context."""
        proxy = cls(target)
        server = await asyncio.start_server(proxy._connected, "127.0.0.1", 0)
        proxy.port = server.sockets[0].getsockname()[1]
        try:
            yield proxy
        finally:
            server.close()
            proxy.reset()
            for task in proxy._tasks:
                task.cancel()
            await asyncio.gather(*proxy._tasks, return_exceptions=True)

    def mode(self, name: str, directions: tuple[str, ...] = BOTH) -> None:
        """Change the mode of some directions; the others stay."""
        self._modes |= dict.fromkeys(directions, name)
        self._changed.set()
        self._changed = asyncio.Event()
        if name == "reset":
            self.reset()

    def cut_after(self, *sizes: int) -> None:
        """Let so many bytes in, over all connections, and reset the one that brings the next; so for each size."""
        self._cuts = list(sizes)

    def reset(self) -> None:
        """Reset every connection that is open now."""
        for writer in self._writers:
            _reset(writer)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        self._tasks.add(task)
        self._writers.add(writer)
        try:
            with suppress(asyncio.CancelledError):  # at the end; streams would log it
                await self._joined(reader, writer)
        finally:
            _reset(writer)
            self._writers.discard(writer)
            self._tasks.discard(task)

    async def _joined(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if "reset" in self._modes.values():
            return
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            return
        self._writers.add(far_writer)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pump(reader, far_writer, IN))
                group.create_task(self._pump(far_reader, writer, OUT))
            await _closed(far_writer)
            await _closed(writer)
        except* OSError:
            pass  # one end is gone, so the other is let go too
        finally:
            _reset(far_writer)
            self._writers.discard(far_writer)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, direction: str) -> None:
        while piece := await reader.read(PIECE_BYTES):
            await self._held(direction)
            if self._modes[direction] == "cut":
                await _written(writer, piece[: len(piece) // 2])
                raise ConnectionResetError
            passing = self._passing(piece) if direction == IN else piece
            await _written(writer, passing)
            if len(passing) < len(piece):
                raise ConnectionResetError
        await self._held(direction)
        writer.write_eof()

    def _passing(self, piece: bytes) -> bytes:
        """Return what of a piece comes before the next cut, if it falls into it."""
        if not self._cuts:
            return piece
        if self._cuts[0] >= len(piece):
            self._cuts[0] -= len(piece)
            return piece
        return piece[: self._cuts.pop(0)]

    async def _held(self, direction: str) -> None:
        if self._modes[direction] == "delay":
            await asyncio.sleep(DELAY_SECONDS)
        while self._modes[direction] == "stall":
            await self._changed.wait()


async def _written(writer: asyncio.StreamWriter, piece: bytes) -> None:
    writer.write(piece)
    await writer.drain()


async def _closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    await writer.wait_closed()


def _reset(writer: asyncio.StreamWriter) -> None:
    if not writer.transport.is_closing():
        with suppress(OSError):
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_ONCE)
    writer.transport.abort()
