"""Who holds an unfinished object and who wants it, in all processes of a machine; it leaves writing to who holds it.

The holder has a lock on its part. Who wants it has a locked file of its own, `wanted/<object>.<own name>`. What a
killed process leaves of either is locked no more, so it counts for nothing. No clock says who is newer: those whose
files one finds when one comes are older, all others are newer.
"""

import asyncio
import fcntl
import os
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from shared.adapters.disk_locks import NOBODY, is_unlocked, lock, make_locked
from shared.adapters.disk_writer import Run
from shared.errors import Unavailable, UploadBusy
from shared.ids import new_id

LOOK_SECONDS = 0.1
"""How often a process that holds anything looks for requests."""
TURN_SECONDS = 0.03
"""How often one that waits looks whether it has its turn."""


@dataclass(eq=False)
class DiskClaim:
    """One who holds an object, or wants to."""

    part: Path
    wanted: asyncio.Event = field(default_factory=asyncio.Event)
    descriptor: int = NOBODY
    older: set[Path] = field(default_factory=set)
    """The requests that were there before this one came."""

    def take(self) -> bool:
        """Lock the part, where nobody else does; return whether we have it. Raise FileNotFoundError."""
        self.descriptor = lock(self.part)
        return self.descriptor != NOBODY

    def make(self) -> None:
        """Make the part and lock it. Raise FileExistsError."""
        self.descriptor = os.open(self.part, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640)
        fcntl.flock(self.descriptor, fcntl.LOCK_EX)

    def end(self) -> None:
        """Let go of it. May be called twice."""
        if self.descriptor != NOBODY:
            os.close(self.descriptor)
            self.descriptor = NOBODY


@dataclass(eq=False)
class _Request:
    """The file of one who waits."""

    path: Path
    descriptor: int = NOBODY

    def make(self) -> None:
        self.descriptor = make_locked(self.path)

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)
        if self.descriptor != NOBODY:
            os.close(self.descriptor)


class DiskClaims:
    """The claims of one process."""

    def __init__(self, folder: Path, run: Run) -> None:
        self._folder, self._run = folder, run
        self._held: set[DiskClaim] = set()
        self._looking: asyncio.Task[None] | None = None

    async def hold(self, part: Path, patience: float) -> DiskClaim:
        """Return the claim on a part that is there. Raise UploadBusy or NotFound."""
        claim = DiskClaim(part)
        try:
            if not await self._run(lambda: self._come(claim)):
                await self._wait(claim, patience)
        except BaseException:
            claim.end()
            raise
        self.add(claim)
        return claim

    def add(self, claim: DiskClaim) -> None:
        """Look for requests from now on, until it is dropped."""
        self._held.add(claim)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())

    def drop(self, claim: DiskClaim) -> None:
        """Let go of it, and look for requests no more. May be called twice."""
        claim.end()
        self._held.discard(claim)

    def close(self) -> None:
        """Look no more."""
        self._held.clear()

    def _come(self, claim: DiskClaim) -> bool:
        claim.older = set(self._folder.iterdir())
        return claim.take()

    async def _wait(self, claim: DiskClaim, patience: float) -> None:
        deadline = asyncio.get_running_loop().time() + patience
        request = _Request(self._folder / f"{claim.part.name}.{new_id()}")
        try:
            await self._run(lambda: self._request(claim, request))
            while not await self._run(lambda: self._try(claim)):
                if asyncio.get_running_loop().time() >= deadline:
                    raise UploadBusy
                await asyncio.sleep(TURN_SECONDS)
        finally:
            request.remove()

    def _request(self, claim: DiskClaim, request: _Request) -> None:
        """Make the file before looking, so that of two who come at once at least one sees the other."""
        request.make()
        claim.older = set(self._folder.iterdir())

    def _try(self, claim: DiskClaim) -> bool:
        if _newer(claim, self._living()):
            raise UploadBusy
        return claim.take()

    async def _look(self) -> None:
        while self._held:
            with suppress(Unavailable):  # those who write on this disk say so
                self._tell(await self._run(self._living))
            await asyncio.sleep(LOOK_SECONDS)

    def _tell(self, requests: list[Path]) -> None:
        for claim in self._held:
            if _newer(claim, requests):
                claim.wanted.set()

    def _living(self) -> list[Path]:
        """Return all requests; remove those whose process has ended."""
        requests = list(self._folder.iterdir())
        ended = set(filter(is_unlocked, requests))
        for request in ended:
            request.unlink(missing_ok=True)
        return [request for request in requests if request not in ended]


def _newer(claim: DiskClaim, requests: list[Path]) -> bool:
    return any(each.stem == claim.part.name and each not in claim.older for each in requests)
