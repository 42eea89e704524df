"""Write-behind: one batch is written while the next one is gathered; it leaves what to write to intake."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from shared import metrics
from shared.digest import Hasher
from shared.ports import ObjectWriter


class WriteBehind:
    """An object that is begun with its first batch, with at most one write in flight."""

    def __init__(self, begin: Callable[[], Awaitable[ObjectWriter]], hasher: Hasher) -> None:
        self._begin, self._hasher = begin, hasher
        self._writer: ObjectWriter | None = None
        self._writing: asyncio.Task[None] | None = None

    @property
    def size(self) -> int:
        """Bytes written so far."""
        return self._hasher.size

    async def put(self, batch: list[bytes]) -> None:
        """Begin to write the batch, once the one before is written. Raise that one's fault."""
        await self.drain()
        self.put_now(batch)

    @property
    def is_free(self) -> bool:
        """Whether no write is in flight, and none has failed."""
        return self._writing is None or (self._writing.done() and not self._writing.exception())

    def put_now(self, batch: list[bytes]) -> None:
        """Begin to write the batch where it is free."""
        self._writing = asyncio.create_task(self._write(batch))

    async def drain(self) -> None:
        """Wait for the write in flight. Raise its fault; a cancellation leaves it to `settle`."""
        if self._writing is not None:
            await asyncio.wait([self._writing])
            writing, self._writing = self._writing, None
            writing.result()

    async def settle(self) -> None:
        """Wait for the write in flight, however it ends."""
        if self._writing is not None:
            await asyncio.wait([self._writing])

    async def commit(self) -> None:
        """Make the object durable. At least one batch was put."""
        await self.drain()
        if self._writer is None:
            raise RuntimeError("Nothing was put yet.")
        await self._writer.commit()

    async def release(self) -> None:
        """Keep what was committed, and end the claim on it."""
        if self._writer is not None:
            await self._writer.release()

    async def discard(self) -> None:
        """Remove every trace, after the write in flight has ended, however it ends."""
        await self.settle()
        if self._writer is not None:
            await self._writer.discard()

    async def _write(self, batch: list[bytes]) -> None:
        if self._writer is None:
            self._writer = await self._begin()
        started = time.perf_counter()
        await self._writer.write(batch)
        metrics.chunk_speed.observe(sum(map(len, batch)) / (time.perf_counter() - started))
