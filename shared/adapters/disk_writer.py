"""Writes one object; it leaves where that stands, and making it durable together with others, to the disk store."""

import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar

from shared.adapters.disk_promises import Promise
from shared.adapters.disk_sync import DiskSync
from shared.digest import Hasher

IOV_MAX = os.sysconf("SC_IOV_MAX")
HELD_BYTES = 64 * 1024
"""An object that is declared to be no larger is held in memory until it is committed with others, in one hand-over to
the pool for all; to hash it takes less than such a hand-over."""
SMALL_BYTES = 1024 * 1024
"""A larger object is synced by itself before it is committed with others, so that these do not wait for its bytes."""

T = TypeVar("T")


class Run(Protocol):
    """Runs file work off the event loop, with its faults named."""

    async def __call__(self, work: Callable[[], T], /) -> T:
        """Return what the work returns."""
        ...


@dataclass(eq=False)
class DiskWriter:
    """ObjectWriter of one file, whose open descriptor holds the claim; one call at a time.

    Until it is begun its pieces are held, as long as they are few; `create` opens its part.
    """

    run: Run
    commit_with_others: Callable[["DiskWriter"], Awaitable[None]]
    sync: DiskSync
    part: Path
    path: Path
    create: Callable[[], int]
    hasher: Hasher
    promise: Promise
    descriptor: int = -1
    unsynced: int = 0
    held: list[bytes] = field(default_factory=list)

    async def write(self, pieces: Sequence[bytes]) -> None:
        """See the port."""
        if self.descriptor < 0 and self.unsynced + sum(map(len, pieces)) <= HELD_BYTES:
            self._take(pieces)
        else:
            await self.run(lambda: self._write(pieces))

    async def commit(self) -> None:
        """See the port."""
        if self.unsynced > SMALL_BYTES:
            await self.run(self.sync_bytes)
        await self.commit_with_others(self)

    async def discard(self) -> None:
        """See the port."""
        await self.run(self._discard)

    async def release(self) -> None:
        """See the port. Closing drops the lock."""
        self._release()

    def begin(self) -> None:
        """Create the file, if it isn't there yet, with what is held."""
        if self.descriptor < 0:
            self.descriptor = self.create()
        self._write_held()

    def sync_bytes(self) -> None:
        """Make the bytes durable."""
        self.begin()
        self.sync.file(self.descriptor)
        self.unsynced = 0

    def _write(self, pieces: Sequence[bytes]) -> None:
        self._take(pieces)
        self.begin()

    def _take(self, pieces: Sequence[bytes]) -> None:
        before = self.hasher.size
        self.hasher.update(pieces)
        self.unsynced += self.hasher.size - before
        self.held += pieces

    def _write_held(self) -> None:
        held, self.held = self.held, []
        write_all(self.descriptor, held)
        self.promise.used(sum(map(len, held)))

    def _discard(self) -> None:
        for path in (self.part, self.path):
            path.unlink(missing_ok=True)
        self._release()

    def _release(self) -> None:
        self.promise.end()
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1


def write_all(descriptor: int, pieces: Sequence[bytes]) -> None:
    """Write all of the pieces: a single call takes at most IOV_MAX of them, and less near a full disk."""
    pending = [memoryview(piece) for piece in pieces if piece]
    while pending:
        written = os.writev(descriptor, pending[:IOV_MAX])
        while pending and written >= len(pending[0]):
            written -= len(pending.pop(0))
        if written:
            pending[0] = pending[0][written:]


def replace_file(part: Path, path: Path, content: bytes, sync: DiskSync) -> None:
    """Put the content at `path` durably, whole or not at all, by way of `part`, which is not there yet."""
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640), "wb") as file:
            file.write(content)
            file.flush()
            sync.file(file.fileno())
        part.rename(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    sync.folder(path.parent)
