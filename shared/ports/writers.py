"""Writers of one object: in one go, or further and further. They leave where it stands to the object store."""

from asyncio import Event
from collections.abc import AsyncIterator, Sequence
from typing import Protocol


class ObjectWriter(Protocol):
    """One object being written. Nothing is readable before `commit` has returned."""

    async def write(self, pieces: Sequence[bytes]) -> None:
        """Append the pieces in order and feed them to the hasher, off the event loop.

        The caller waits for one write before the next. Raise StorageFull where there is no room.
        """
        ...

    async def commit(self) -> None:
        """Make the object durable under its id: file synced, renamed, directory synced when this returns.

        Until `release`, the store's `abandoned` does not name it, so that its row can be committed in peace.
        """
        ...

    async def discard(self) -> None:
        """Remove every trace, committed or not. May be called at any time and twice."""
        ...

    async def release(self) -> None:
        """End the writer's claim on the object; a committed object stays. May be called twice."""
        ...


class ObjectAppender(ObjectWriter, Protocol):
    """An unfinished object, held by one writer at a time, in all processes. `release` lets the next one have it.

    `commit` keeps what was written and finishes the object; where it fails the object is unfinished as before.
    `discard` removes it, unless it was released. After a write that failed, what reached the file counts all the same,
    and the hasher is ahead of it: it fits as long as its size is the offset.
    """

    offset: int
    """Bytes that are kept: those found, and what `keep` has added."""
    wanted: Event
    """Set once another writer asks for the object: keep what is there, and release it."""

    async def keep(self) -> int:
        """Make durable what was written so far, and return the new offset.

        Raise the fault where that fails; what was written since the offset is taken back then.
        """
        ...

    async def take_back(self) -> None:
        """Forget what was written after the offset. The hasher is of no use any more.

        Of what is not provisional, others may have counted it already.
        """
        ...

    async def reserve(self, length: int) -> None:
        """Keep room for `length` bytes in all, as `begin` does, once that is known. Raise StorageFull."""
        ...

    def read(self, start: int, stop: int) -> AsyncIterator[bytes]:
        """Yield bytes that are kept, in pieces of at most 1 MiB."""
        ...
