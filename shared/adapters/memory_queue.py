"""A task queue in memory for tests of logic; it only remembers who was rung for."""

from shared.errors import Unavailable
from shared.ingest import Ingest


class MemoryQueue:
    """TaskQueue in three lists; `away` makes it unavailable."""

    def __init__(self) -> None:
        self.rung: list[str] = []
        self.rung_notify: list[str] = []
        self.rung_previews: list[str] = []
        self.away = False

    async def enqueue(self, ingest: Ingest) -> None:
        """See the port."""
        await self.ping()
        self.rung.append(ingest.id)

    async def enqueue_notify(self, event_id: str) -> None:
        """See the port."""
        await self.ping()
        self.rung_notify.append(event_id)

    async def enqueue_preview(self, ingest_id: str) -> None:
        """See the port."""
        await self.ping()
        self.rung_previews.append(ingest_id)

    async def depth(self) -> int:
        """See the port: nobody takes from here."""
        await self.ping()
        return len(self.rung)

    async def preview_depth(self) -> int:
        """See the port."""
        await self.ping()
        return len(self.rung_previews)

    async def ping(self) -> None:
        """See the port."""
        if self.away:
            raise Unavailable("The task queue does not answer.")
