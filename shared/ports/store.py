"""The object store: where the bytes are. It leaves which of them count to the catalog."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from shared.digest import Hasher
from shared.ports.writers import ObjectAppender, ObjectWriter


@dataclass(frozen=True, slots=True)
class Space:
    """Bytes free for us and in all on the store's device."""

    free: int
    total: int


class ObjectStore(Protocol):
    """Where the bytes are, one object for each ingest id (which has the shape of `shared.ids.PATTERN`)."""

    async def create(self, ingest_id: str, hasher: Hasher, *, expected: int | None) -> ObjectWriter:
        """Begin a new object. Raise StorageFull at once where `expected` bytes would not fit.

        What other writers of this store expect and have not yet written is not there for this one.
        """
        ...

    async def begin(self, ingest_id: str, *, length: int | None) -> ObjectAppender:
        """Begin a new object that outlives its writers unfinished, and hold it; its name is durable when this returns.

        Room for `length` bytes is kept for it: on the device itself until the object is finished or deleted, or, where
        the device cannot, while it is held. Raise StorageFull.
        """
        ...

    async def resume(
        self, ingest_id: str, hasher: Hasher, *, provisional: bool = False, patience: float = 2.0
    ) -> ObjectAppender:
        """Hold an unfinished object in order to write it further; what is written feeds the hasher.

        Whoever holds it, in any process, is told, and has `patience` seconds to let go: then raise UploadBusy. Of
        several who wait the newest gets it. What is `provisional` counts from its `keep` on and not before, whatever
        becomes of this process; otherwise all bytes that reached the file count. Raise NotFound where there is no
        unfinished object; if it is finished, that is durable then, and who did it has released it or died.
        """
        ...

    async def offset(self, ingest_id: str) -> int:
        """Return how many bytes of an unfinished object are durable, whoever writes it just now: this takes no claim.

        What is provisional is not among them. Raise NotFound as `resume` does, and UploadBusy where another is just
        finishing the object and takes long.
        """
        ...

    async def join(self, ingest_id: str, parts: Sequence[str]) -> ObjectWriter:
        """Begin a new object of the bytes of unfinished ones, in order; the bytes do not pass through us.

        The device shares or copies them. The parts stay as they are, and of each counts what `offset` tells.
        Raise NotFound or StorageFull.
        """
        ...

    async def size(self, ingest_id: str) -> int:
        """Return the object's size in bytes. Raise NotFound where there is none."""
        ...

    def read(self, ingest_id: str, start: int, stop: int) -> AsyncIterator[bytes]:
        """Yield the bytes from `start` up to `stop`, in pieces of at most 1 MiB. Raise NotFound where there is none."""
        ...

    def local_path(self, ingest_id: str) -> AbstractAsyncContextManager[Path]:
        """Lend a local file with the object's bytes, read-only, for the time of the context. Raise NotFound."""
        ...

    async def delete(self, ingest_id: str) -> None:
        """Remove the object, finished or not, from quarantine too, and its preview, durably.

        No error where there is none. Whoever holds it may write on, but can no longer commit it.
        """
        ...

    async def put_away(self, ingest_id: str) -> None:
        """Move the object into quarantine, durably: out of the tree that others read, for our eyes alone.

        It stays readable here, so that nothing is lost where a move comes late. No error where it is there already.
        """
        ...

    async def bring_back(self, ingest_id: str) -> None:
        """Move the object out of quarantine, durably. No error where it is not there."""
        ...

    def in_quarantine(self) -> AsyncIterator[str]:
        """Yield the ids of all objects in quarantine."""
        ...

    async def put_preview(self, ingest_id: str, content: bytes) -> None:
        """Keep a preview durably, in place of any that is there; at no moment is a part of one readable.

        Raise StorageFull where there is no room. An object need not be there.
        """
        ...

    async def preview(self, ingest_id: str) -> bytes:
        """Return the preview. Raise NotFound where there is none."""
        ...

    def abandoned(self, before: datetime) -> AsyncIterator[str]:
        """Yield ids of objects and previews, unfinished or recent, last written before then and claimed by no writer.

        The caller asks the catalog which of them have a row, and deletes the others.
        """
        ...

    def finished(self, before: datetime) -> AsyncIterator[str]:
        """Yield the ids of all finished objects last written before then, in quarantine or not, folder by folder."""
        ...

    def unfinished(self, before: datetime) -> AsyncIterator[str]:
        """Yield ids of objects that were never committed, last written before then and claimed by no writer."""
        ...

    async def missing(self, ingest_ids: Sequence[str]) -> set[str]:
        """Return those of the ids under which there is no object, in quarantine neither."""
        ...

    async def space(self) -> Space:
        """Return the room on the device."""
        ...

    def uri(self, ingest_id: str) -> str:
        """Return the URI under which a reader that shares the store finds the object."""
        ...
