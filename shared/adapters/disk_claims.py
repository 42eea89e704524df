"""Who holds an unfinished object and who wants it, in all processes of a machine; it leaves writing to who holds it.

The holder has a lock on its part. Who wants it has a locked file of its own, `wanted/<object>.<own name>`. What a
killed process leaves of either is locked no more, so it counts for nothing. No clock says who is newer: those whose
files one finds when one comes are older, all others are newer.
"""

import asyncio
from contextlib import suppress
from pathlib import Path

from shared.adapters.disk_claim import DiskClaim, DiskRequest
from shared.adapters.disk_faults import named_faults
from shared.adapters.disk_locks import NOBODY, is_unlocked, remove_unlocked
from shared.adapters.disk_writer import Run
from shared.errors import IngestionError, Unavailable, UploadBusy
from shared.ids import new_id

LOOK_SECONDS = 0.1
"""How often a process looks for requests, and for objects that were let go: once for all that hold or wait in it."""


class DiskClaims:
    """The claims of one process."""

    def __init__(self, folder: Path, run: Run) -> None:
        self._folder, self._run = folder, run
        self._told: set[DiskClaim] = set()
        self._waiting: dict[DiskClaim, asyncio.Future[None]] = {}
        self._looking: asyncio.Task[None] | None = None
        self._hurry = asyncio.Event()

    async def hold(self, part: Path, patience: float) -> DiskClaim:
        """Return the claim on a part that is there. Raise UploadBusy or NotFound."""
        claim = DiskClaim(part)
        try:
            if not await self._run(lambda: self._come(claim)):
                await self._wait(claim, patience)
        except BaseException:
            self.drop(claim)
            raise
        self.add(claim)
        return claim

    def add(self, claim: DiskClaim) -> None:
        """Tell it when a newer one comes, until it is dropped."""
        self._told.add(claim)
        if self._looking is None or self._looking.done():
            self._hurry = asyncio.Event()
            self._looking = asyncio.create_task(self._look())

    def drop(self, claim: DiskClaim) -> None:
        """Let go of it. May be called twice."""
        claim.end()
        self._told.discard(claim)
        if self._waiting:
            self._hurry.set()

    def close(self) -> None:
        """Tell nobody any more."""
        self._told.clear()

    def _come(self, claim: DiskClaim) -> bool:
        claim.older = set(self._folder.iterdir())
        return claim.take()

    async def _wait(self, claim: DiskClaim, patience: float) -> None:
        request = DiskRequest(self._folder / f"{claim.part.name}.{new_id()}")
        try:
            async with asyncio.timeout(patience):
                await self._run(lambda: self._request(claim, request))
                self._waiting[claim] = asyncio.get_running_loop().create_future()
                self.add(claim)
                await self._waiting[claim]
        except TimeoutError:
            raise UploadBusy from None
        finally:
            self._waiting.pop(claim, None)
            request.remove()

    def _request(self, claim: DiskClaim, request: DiskRequest) -> None:
        """Make the file before looking, so that of two who come at once at least one sees the other."""
        request.make()
        claim.older = set(self._folder.iterdir())

    async def _look(self) -> None:
        while self._told:
            self._hurry.clear()
            with suppress(Unavailable):  # those who write on this disk say so
                self._tell(await self._run(self._living))
                await self._let_in([claim for claim, turn in self._waiting.items() if not turn.done()])
            with suppress(TimeoutError):
                await asyncio.wait_for(self._hurry.wait(), LOOK_SECONDS)

    def _tell(self, requests: list[Path]) -> None:
        for claim in self._told:
            if claim.is_outdone(requests):
                claim.wanted.set()

    async def _let_in(self, waiting: list[DiskClaim]) -> None:
        if waiting:
            faults = await self._run(lambda: [_try(claim) for claim in waiting])
            for claim, fault in zip(waiting, faults, strict=True):
                self._answer(claim, fault)

    def _answer(self, claim: DiskClaim, fault: IngestionError | None) -> None:
        """Say what came of it to one who waits; who went away meanwhile has nothing of it."""
        turn = self._waiting.get(claim)
        if turn is None or turn.done():
            claim.end()
        elif fault:
            turn.set_exception(fault)
        elif claim.descriptor != NOBODY:
            turn.set_result(None)

    def _living(self) -> list[Path]:
        """Return all requests; remove those whose process has ended."""
        requests = list(self._folder.iterdir())
        ended = set(filter(is_unlocked, requests))
        for request in ended:
            remove_unlocked(request)
        return [request for request in requests if request not in ended]


def _try(claim: DiskClaim) -> IngestionError | None:
    """Take the object for one who waits, if it is free; return why it never will have it."""
    if claim.wanted.is_set():
        return UploadBusy()
    try:
        with named_faults():
            claim.take()
    except IngestionError as fault:
        return fault
    return None
