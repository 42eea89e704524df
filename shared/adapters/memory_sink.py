"""Perception's sink in memory, for tests; it leaves reaching a real Perception to the other sinks."""

from shared.errors import IngestionError
from shared.events import Event


class MemorySink:
    """PerceptionSink that keeps what it is given, or raises `fault` while one is set."""

    resting = False

    def __init__(self, name: str = "memory:perception") -> None:
        self.name = name
        self.events: list[Event] = []
        self.fault: IngestionError | None = None

    async def aclose(self) -> None:
        """Hold nothing open."""

    async def deliver(self, event: Event) -> None:
        """See the port."""
        if self.fault is not None:
            raise self.fault
        self.events.append(event)
