"""Task queue by Celery: rings for a worker; it leaves the tasks themselves to `workers`."""

from shared.adapters.celery_publisher import CeleryPublisher
from shared.ingest import Ingest
from shared.ports import (
    LARGE_QUEUE,
    NOTIFY_QUEUE,
    NOTIFY_TASK,
    PREVIEW_PRIORITY,
    PREVIEW_TASK,
    PROCESS_QUEUE,
    PROCESS_TASK,
    Depth,
)

RING_SECONDS = 2.0
ENOUGH_RINGS = 4
"""For deliveries: more than the children of a notifier, so that none is idle while there is something to do."""
_OF_INGESTS = range(PREVIEW_PRIORITY)


class CeleryQueue:
    """TaskQueue over a Celery broker."""

    def __init__(self, broker_url: str, large_bytes: int) -> None:
        self._large_bytes = large_bytes
        self._publisher = CeleryPublisher(broker_url, RING_SECONDS, "The task queue does not answer.")

    def open(self) -> None:
        """Build what publishing needs."""
        self._publisher.open()

    def close(self) -> None:
        """Close the connections."""
        self._publisher.close()

    async def enqueue(self, ingest: Ingest) -> None:
        """See the port. The task's id is the ingest's, so that its Celery result is found by it."""
        queue = LARGE_QUEUE if (ingest.size or 0) >= self._large_bytes else PROCESS_QUEUE
        await self._publisher.publish(PROCESS_TASK, ingest.id, queue=queue, task_id=ingest.id, priority=ingest.priority)

    async def enqueue_notify(self, event_id: str) -> None:
        """See the port. While rings wait there is no need for another: who takes one delivers whatever is due.

        Those may be beat's, which expire: then the next beat is the one.
        """
        await self._publisher.publish(NOTIFY_TASK, event_id, queue=NOTIFY_QUEUE, enough=ENOUGH_RINGS)

    async def enqueue_preview(self, ingest_id: str) -> None:
        """See the port."""
        await self._publisher.publish(PREVIEW_TASK, ingest_id, queue=PROCESS_QUEUE, priority=PREVIEW_PRIORITY)

    async def depth(self) -> Depth:
        """See the port."""
        small, large = ([(queue, each) for each in _OF_INGESTS] for queue in (PROCESS_QUEUE, LARGE_QUEUE))
        depths = await self._publisher.depths([*small, *large])
        return Depth(tuple(depths[: len(small)]), tuple(depths[len(small) :]))

    async def preview_depth(self) -> int:
        """See the port."""
        (depth,) = await self._publisher.depths([(PROCESS_QUEUE, PREVIEW_PRIORITY)])
        return depth

    async def ping(self) -> None:
        """See the port."""
        await self._publisher.ping()
