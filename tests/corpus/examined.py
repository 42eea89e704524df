"""Examines the corpus's files as a worker does and records what it cost; it leaves what is right to the tests."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from shared.ingest import Verdict
from shared.metadata import MAX_TEXT_BYTES
from shared.policy import Policy
from tests.corpus.items import COMPLETED, Good, Hostile, Item
from tests.corpus.trap import MARKER, Set, trap_set
from tests.corpus.workshop import Workshop, workshop
from tests.sample_ingests import received
from workers.cage.cage import Cage
from workers.cage.protocol import CageLimits, Report
from workers.examine.examination import Claim, Examination, Examine, Question
from workers.verdict import judged

ALL_TYPES = Policy(max_bytes=2**50)
MAX_GROWTH_BYTES = 32 * 1024 * 1024


class RecordingCage(Cage):
    """A cage that keeps the last report and answer, of which its callers see a part alone."""

    report: Report
    answer: bytes = b""

    async def _asked(self, file: int | Path, question: Question, limits: CageLimits) -> tuple[Report, bytes]:
        self.report, self.answer = await super()._asked(file, question, limits)
        return self.report, self.answer


@dataclass(frozen=True)
class Run:
    """What one file came to."""

    item: Item
    found: Examination
    report: Report
    answer: bytes

    @property
    def judged(self) -> Verdict:
        """What the policy that admits all types makes of it, as a worker does."""
        claimed = received(declared_type=self.item.declared_type, filename=self.item.filename or "")
        return judged(claimed, self.found, ALL_TYPES)

    @property
    def verdict(self) -> str:
        """`completed`, or the reason why not."""
        return next(iter(self.judged.reasons), COMPLETED)


@dataclass
class Bench:
    """One cage, the workshop, the trap, and the memory that the service's processes had at first."""

    cage: RecordingCage
    shop: Workshop
    trap: Set
    usual: Examination | None = None
    """What the harmless file comes to before any other was examined."""
    resident: dict[int, int] = field(default_factory=dict)
    secret_told: bool = False

    async def examined(self, item: Item) -> Run:
        """Make the item's file and examine it under its limits."""
        self.cage.limits = item.limits if isinstance(item, Hostile) else CageLimits()
        path = self.shop.file(item)
        try:
            claim = Claim(declared_type=item.declared_type, filename=item.filename)
            found = await self.cage.examine(path, Examine(claim=claim))
        finally:
            path.unlink()
        self.secret_told |= MARKER.encode() in self.cage.answer
        return Run(item, found, self.cage.report, self.cage.answer)

    async def harmless(self) -> Examination:
        """Examine a small text, as the next sender's file."""
        self.cage.limits = CageLimits()
        path = self.shop.folder / "harmless"
        path.write_bytes(b"one line\nand a longer one\n")
        return await self.cage.examine(path, Examine(claim=Claim(declared_type="text/plain", filename="note.txt")))

    @property
    def warm(self) -> int:
        """The warm process's pid."""
        return self.cage._warm.process.pid

    def weigh(self) -> None:
        """Take the present memory as what is usual."""
        self.resident = {pid: _resident(pid) for pid in (psutil.Process().pid, self.warm)}

    def grown(self) -> int:
        """Return by how many bytes the service's processes have grown, the one that grew most."""
        return max(_resident(pid) - before for pid, before in self.resident.items())

    def leaked(self) -> bool:
        """Say whether the trap was sprung since the last time, or its secret ever told."""
        return self.trap.sprung() or self.secret_told


@asynccontextmanager
async def bench(folder: Path) -> AsyncIterator[Bench]:
    """Set everything up, examine a first file and take the weight."""
    with trap_set() as trap, workshop(folder, trap.trap) as shop:
        async with RecordingCage() as cage:
            ready = Bench(cage, shop, trap)
            ready.usual = await ready.harmless()
            ready.weigh()
            yield ready


def told(found: Examination) -> dict[str, Any]:
    """Return the metadata's fields that have a value."""
    return _valued(found.metadata.model_dump(mode="json"), frozenset()) if found.metadata else {}


def plain(run: Run) -> bool:
    """Say whether no string that is told holds control characters or is longer than a metadata's text may be."""
    strings = list(_strings(run.found.model_dump(mode="json")))
    return all(len(text.encode()) <= MAX_TEXT_BYTES and text.isprintable() for text in strings)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in (*value, *value.values()) if isinstance(value, dict) else value:
            yield from _strings(inner)


def checked(item: Good, found: Examination) -> dict[str, Any]:
    """Return what was told but for the unchecked fields, at any depth."""
    return _valued(told(found), item.unchecked)


def _valued(fields: Any, unchecked: frozenset[str]) -> Any:
    if isinstance(fields, list):
        return [_valued(one, unchecked) for one in fields]
    if not isinstance(fields, dict):
        return fields
    kept = {name: _valued(value, unchecked) for name, value in fields.items() if name not in unchecked}
    return {name: value for name, value in kept.items() if value is not None and value not in ([], {})}


def _resident(pid: int) -> int:
    return psutil.Process(pid).memory_info().rss
