"""Unfinished objects that outlive their writers, begun and held; it leaves the finished ones to the disk store."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path

from shared.adapters.disk_appender import DiskAppender
from shared.adapters.disk_claims import DiskClaim, DiskClaims
from shared.adapters.disk_commits import Written
from shared.adapters.disk_floors import DiskFloors
from shared.adapters.disk_places import DiskPlaces
from shared.adapters.disk_room import DiskRoom
from shared.adapters.disk_sync import DiskSync
from shared.adapters.disk_writer import Run
from shared.adapters.group_commit import GroupCommit, Outcome
from shared.digest import Hasher
from shared.errors import NotFound

FINISHING_SECONDS = 2.0
"""How long one who asks for an offset waits for who is just finishing the object."""


class DiskParts:
    """The parts in `incoming/`, the requests for them in `wanted/`, and the notes on them in `floors/`."""

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
        try:
            claim = await self._claims.hold(self._places.part(ingest_id), patience)
        except NotFound:
            await self._settle(ingest_id, patience)
            raise
        appender = self._appender(claim, hasher, provisional=provisional)
        try:
            await self._run(appender.go_on)
        except BaseException:
            await appender.release()
            raise
        return appender

    async def offset(self, ingest_id: str) -> int:
        """Return how many bytes of a part count."""
        try:
            return await self._run(lambda: self._floors.counted(self._places.part(ingest_id)))
        except NotFound:
            await self._settle(ingest_id, FINISHING_SECONDS)
            raise

    def forget(self, ingest_id: str) -> None:
        """Remove what is left of a part that is gone."""
        self._floors.forget(ingest_id)

    async def _settle(self, ingest_id: str, patience: float) -> None:
        """Where an object is finished, or just being finished, return once that is durable. Raise UploadBusy."""
        with suppress(NotFound):
            claim = await self._claims.hold(self._places.finished(ingest_id), patience)
            try:
                await self._run(lambda: self._places.settle(claim.part, claim.descriptor))
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
