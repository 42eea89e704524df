"""Perception's sink by Celery: one task for each event; it leaves running the task to Perception's own workers."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from kombu.exceptions import OperationalError

from shared.adapters.celery_queue import producer
from shared.errors import Unavailable
from shared.events import Event

TASK = "perception.ingested"

ONE_MORE_TRY = {"max_retries": 1, "interval_start": 0, "interval_step": 0}
"""Kombu sleeps 2 s before it reports a broker that refuses connections, unless told the pauses; measured."""


class CelerySink:
    """PerceptionSink over a Celery broker: calls `perception.ingested(event)` under the event's id.

    One thread publishes: behind a broker that hangs, later deliveries time out in the queue and are dropped there.
    """

    def __init__(self, broker_url: str, queue: str, timeout: float) -> None:
        self.name = f"celery:{queue}"
        self._queue = queue
        self._timeout = timeout
        self._app = producer(broker_url)
        self._app.conf.broker_transport_options |= ONE_MORE_TRY
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="celery-sink")

    async def aclose(self) -> None:
        """Close the connections and let the thread end."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._app.close()

    async def deliver(self, event: Event) -> None:
        """See the port."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._timeout):
                await loop.run_in_executor(self._pool, self._send, event)
        except (OperationalError, OSError, TimeoutError) as error:
            raise Unavailable("Perception's broker does not answer.") from error

    def _send(self, event: Event) -> None:
        arguments = [event.model_dump(mode="json")]
        self._app.send_task(TASK, args=arguments, task_id=event.id, queue=self._queue, retry=False)
