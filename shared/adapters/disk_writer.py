"""Writes one object durably: bytes, sync, rename, folder sync; it leaves where and when to the disk store."""

import os
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.adapters.disk_promises import Promise
from shared.digest import Hasher

IOV_MAX = os.sysconf("SC_IOV_MAX")


@dataclass
class DiskWriter:
    """ObjectWriter of one file, whose open descriptor holds the claim; one call at a time."""

    run: Callable[[Callable[[], None]], Coroutine[Any, Any, None]]
    make_folder: Callable[[Path], None]
    part: Path
    path: Path
    descriptor: int
    hasher: Hasher
    promise: Promise

    async def write(self, pieces: Sequence[bytes]) -> None:
        """See the port."""
        await self.run(lambda: self._write(pieces))

    async def commit(self) -> None:
        """See the port."""
        await self.run(self._commit)

    async def discard(self) -> None:
        """See the port."""
        await self.run(self._discard)

    async def release(self) -> None:
        """See the port. Closing drops the lock."""
        self._release()

    def _write(self, pieces: Sequence[bytes]) -> None:
        self.hasher.update(pieces)
        write_all(self.descriptor, pieces)
        self.promise.used(sum(map(len, pieces)))

    def _commit(self) -> None:
        os.fdatasync(self.descriptor)
        self.make_folder(self.path.parent)
        self.part.rename(self.path)
        sync_folder(self.path.parent)

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


def replace_file(part: Path, path: Path, content: bytes) -> None:
    """Put the content at `path` durably, whole or not at all, by way of `part`, which is not there yet."""
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640), "wb") as file:
            file.write(content)
            file.flush()
            os.fdatasync(file.fileno())
        part.rename(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in the folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
