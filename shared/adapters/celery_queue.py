"""Task queue by Celery: rings for a worker; it leaves the tasks themselves to `workers`."""

from shared.adapters.celery_publisher import CeleryPublisher
from shared.ingest import Ingest
from shared.ports import LARGE_QUEUE, NOTIFY_QUEUE, NOTIFY_TASK, PREVIEW_TASK, PROCESS_QUEUE, PROCESS_TASK

RING_SECONDS = 2.0
_LAST = 9
_LAST_LIST = f"{PROCESS_QUEUE}\x06\x16{_LAST}"
"""On Redis a worker takes from such a list only while its queues hold nothing of a lower number:
https://docs.celeryq.dev/en/stable/userguide/routing.html#redis-message-priorities"""


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
        """See the port."""
        await self._publisher.publish(NOTIFY_TASK, event_id, queue=NOTIFY_QUEUE)

    async def enqueue_preview(self, ingest_id: str) -> None:
        """See the port."""
        await self._publisher.publish(PREVIEW_TASK, ingest_id, queue=PROCESS_QUEUE, priority=_LAST)

    async def depth(self) -> int:
        """See the port."""
        return await self._publisher.depth(PROCESS_QUEUE)

    async def preview_depth(self) -> int:
        """See the port."""
        return await self._publisher.depth(_LAST_LIST)

    async def ping(self) -> None:
        """See the port."""
        await self._publisher.ping()
