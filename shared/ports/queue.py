"""The task queue: the doorbell of the workers. It leaves what is to be done to the catalog."""

from dataclasses import dataclass
from typing import Protocol

from shared.ingest import Ingest


@dataclass(frozen=True, slots=True)
class Depth:
    """How many rings no worker has taken yet, by size class, and in each by priority from 0 to MAX_PRIORITY."""

    small: tuple[int, ...]
    large: tuple[int, ...]


class TaskQueue(Protocol):
    """The doorbell. Losing a ring is no loss: the sweeper rings again."""

    async def enqueue(self, ingest: Ingest) -> None:
        """Ask a worker to process the ingest, by its size class and priority. Bounded in time; raise Unavailable."""
        ...

    async def enqueue_notify(self, event_id: str) -> None:
        """Ask a worker to deliver the event and whatever else is due, unless enough of them were asked already.

        Bounded in time; raise Unavailable.
        """
        ...

    async def enqueue_preview(self, ingest_id: str) -> None:
        """Ask a worker to make the preview once no other ring waits. Bounded in time; raise Unavailable."""
        ...

    async def depth(self) -> Depth:
        """Return how many rings of `enqueue` no worker has taken yet. Bounded in time; raise Unavailable."""
        ...

    async def preview_depth(self) -> int:
        """Return how many rings of `enqueue_preview` no worker has taken yet. Bounded in time; raise Unavailable."""
        ...

    async def ping(self) -> None:
        """Return if the broker answers. Raise Unavailable."""
        ...
