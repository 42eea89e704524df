"""Perception's sink by Celery: one task for each event; it leaves running the task to Perception's own workers."""

from shared.adapters.celery_publisher import CeleryPublisher
from shared.events import Event

TASK = "perception.ingested"


class CelerySink:
    """PerceptionSink over a Celery broker: calls `perception.ingested(event)` under the event's id."""

    resting = False

    def __init__(self, broker_url: str, queue: str, timeout: float) -> None:
        self.name = f"celery:{queue}"
        self._queue = queue
        self._publisher = CeleryPublisher(broker_url, timeout, "Perception's broker does not answer.")

    async def aclose(self) -> None:
        """Close the connections."""
        self._publisher.close()

    async def deliver(self, event: Event) -> None:
        """See the port."""
        document = event.model_dump(mode="json")
        await self._publisher.publish(TASK, document, task_id=event.id, queue=self._queue)
