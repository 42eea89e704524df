"""Unfinished objects that outlive their writers, begun and held; it leaves the finished ones to the disk store."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from shared.adapters.disk_appender import DiskAppender
from shared.adapters.disk_claim import DiskClaim
from shared.adapters.disk_claims import DiskClaims
from shared.adapters.disk_commits import Written
from shared.adapters.disk_floors import DiskFloors
from shared.adapters.disk_places import DiskPlaces
from shared.adapters.disk_room import DiskRoom
from shared.adapters.disk_sync import DiskSync
from shared.adapters.disk_writer import Run
from shared.digest import Hasher
from shared.errors import NotFound
from shared.group_commit import GroupCommit, Outcome

T = TypeVar("T")
FINISHING_SECONDS = 2.0
"""How long one who asks for an offset waits for who is just finishing the object."""


class DiskParts:
    """The parts in `incoming/`, the requests for them in `wanted/`, and the notes on them in `floors/`.

    `run` waits for the end of its work also where the caller is cut off, so that no lock is taken behind its back.
    """

    def __init__(
        self,
        places: DiskPlaces,
        sync: DiskSync,
        room: DiskRoom,
        run: Run,
        commit_with_others: Callable[[Written], Awaitable[None]],
    ) -> None:
        self._places, self._sync, self._room, self._run = places, sync, room, run
        self._commit_with_others = commit_with_others
        self._claims = DiskClaims(places.wanted, run)
        self._floors = DiskFloors(places.floors, sync)
        self._naming = GroupCommit[Path](self._sync_names)

    def open(self) -> None:
        """Remove what crashes have left."""
        self._floors.tidy(self._places.incoming)

    def close(self) -> None:
        """Look for requests no more."""
        self._claims.close()

    async def begin(self, ingest_id: str, length: int) -> DiskAppender:
        """Make a part and hold it."""
        claim = DiskClaim(self._places.part(ingest_id))
        appender = self._appender(claim, Hasher())
        try:
            await self._run(lambda: self._make(claim, appender, length))
            await self._naming.submit(claim.part)
        except BaseException:
            await appender.discard()
            raise
        self._claims.add(claim)
        return appender

    async def resume(self, ingest_id: str, hasher: Hasher, *, provisional: bool, patience: float) -> DiskAppender:
        """Hold a part."""
        claim = await self._unless_finished(ingest_id, patience, lambda part: self._claims.hold(part, patience))
        appender = self._appender(claim, hasher, provisional=provisional)
        try:
            await self._run(appender.go_on)
        except BaseException:
            await appender.release()
            raise
        return appender

    async def offset(self, ingest_id: str) -> int:
        """Return how many bytes of a part count."""
        return await self._unless_finished(ingest_id, FINISHING_SECONDS, self._counted)

    def forget(self, ingest_id: str) -> None:
        """Remove what is left of a part that is gone."""
        self._floors.forget(ingest_id)

    async def _counted(self, part: Path) -> int:
        return await self._run(lambda: self._floors.counted(part))

    async def _unless_finished(self, ingest_id: str, patience: float, work: Callable[[Path], Awaitable[T]]) -> T:
        """Do something with a part. Raise NotFound where there is none, or none any more, and UploadBusy.

        A part that is just being finished is back in its place if that fails.
        """
        part = self._places.part(ingest_id)
        try:
            return await work(part)
        except NotFound:
            await self._settle(self._places.finished(ingest_id), patience)
        return await work(part)

    async def _settle(self, finished: Path, patience: float) -> None:
        """Return once who finishes an object has released it, and it is durable, if it is there. Raise UploadBusy."""
        with suppress(NotFound):
            claim = await self._claims.hold(finished, patience)
            try:
                await self._run(lambda: self._places.settle(finished, claim.descriptor))
            finally:
                self._claims.drop(claim)

    def _make(self, claim: DiskClaim, appender: DiskAppender, length: int) -> None:
        claim.make()
        appender.descriptor = claim.descriptor
        appender.promise = self._room.keep(claim.descriptor, length)

    def _appender(self, claim: DiskClaim, hasher: Hasher, *, provisional: bool = False) -> DiskAppender:
        return DiskAppender(
            run=self._run,
            commit_with_others=self._commit_with_others,
            sync=self._sync,
            part=claim.part,
            path=self._places.finished(claim.part.name),
            descriptor=claim.descriptor,
            hasher=hasher,
            promise=self._room.promises.none(),
            wanted=claim.wanted,
            let_go=lambda: self._claims.drop(claim),
            floors=self._floors,
            room=self._room,
            provisional=provisional,
        )

    async def _sync_names(self, parts: Sequence[Path]) -> list[Outcome]:
        """All of the names that came meanwhile are one sync."""
        await self._run(lambda: self._sync.folder(self._places.incoming))
        return [None] * len(parts)
