"""A task queue in memory for tests of logic; it only remembers who was rung for."""

from shared.errors import Unavailable
from shared.ingest import MAX_PRIORITY, Ingest
from shared.ports import Depth


class MemoryQueue:
    """TaskQueue in lists; `away` makes it unavailable."""

    def __init__(self, large_bytes: int = 1 << 30) -> None:
        self.large_bytes = large_bytes
        self.small = [0] * (MAX_PRIORITY + 1)
        self.large = [0] * (MAX_PRIORITY + 1)
        self.rung: list[str] = []
        self.rung_notify: list[str] = []
        self.rung_previews: list[str] = []
        self.away = False

    async def enqueue(self, ingest: Ingest) -> None:
        """See the port."""
        await self.ping()
        self.rung.append(ingest.id)
        lane = self.large if (ingest.size or 0) >= self.large_bytes else self.small
        lane[ingest.priority] += 1

    async def enqueue_notify(self, event_id: str) -> None:
        """See the port."""
        await self.ping()
        self.rung_notify.append(event_id)

    async def enqueue_preview(self, ingest_id: str) -> None:
        """See the port."""
        await self.ping()
        self.rung_previews.append(ingest_id)

    async def depth(self) -> Depth:
        """See the port: nobody takes from here."""
        await self.ping()
        return Depth(tuple(self.small), tuple(self.large))

    async def preview_depth(self) -> int:
        """See the port."""
        await self.ping()
        return len(self.rung_previews)

    async def ping(self) -> None:
        """See the port."""
        if self.away:
            raise Unavailable("The task queue does not answer.")
