"""Task queue by Celery: rings for a worker within a bounded time; it leaves the tasks themselves to `workers`."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from celery import Celery
from kombu.exceptions import OperationalError

from shared.errors import Unavailable
from shared.ports import NOTIFY_QUEUE, NOTIFY_TASK, PROCESS_QUEUE, PROCESS_TASK

RING_SECONDS = 2.0
SOCKET_SECONDS = 1.0


def producer(broker_url: str) -> Celery:
    """Return an app that only publishes: with a result backend a dead Redis would block it for 19 s, measured."""
    app = Celery("hmas-producer", broker=broker_url, set_as_current=False)
    app.conf.update(
        task_serializer="json",
        broker_connection_timeout=SOCKET_SECONDS,
        broker_transport_options={"socket_timeout": SOCKET_SECONDS, "socket_connect_timeout": SOCKET_SECONDS},
        task_send_sent_event=True,
    )
    return app


class CeleryQueue:
    """TaskQueue over a Celery broker. One thread publishes, so a hung broker never piles threads up."""

    def __init__(self, broker_url: str) -> None:
        self._app = producer(broker_url)
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="ring")

    def open(self) -> None:
        """Import and build what publishing needs, in the thread that will use it."""
        self._pool.submit(lambda: self._app.amqp.producer_pool).result()

    def close(self) -> None:
        """Close the connections and the thread."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._app.close()

    async def enqueue(self, ingest_id: str) -> None:
        """See the port. The task's id is the ingest's, so that its Celery result is found by it."""
        await self._send(PROCESS_TASK, ingest_id, queue=PROCESS_QUEUE, task_id=ingest_id)

    async def enqueue_notify(self, event_id: str) -> None:
        """See the port."""
        await self._send(NOTIFY_TASK, event_id, queue=NOTIFY_QUEUE)

    async def ping(self) -> None:
        """See the port."""
        await self._bounded(self._ping)

    async def _send(self, task: str, argument: str, **options: str) -> None:
        publish = partial(self._app.send_task, task, args=[argument], retry=False, **options)
        await self._bounded(publish)

    async def _bounded(self, work: Callable[[], object]) -> None:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(RING_SECONDS):
                await loop.run_in_executor(self._pool, work)
        except (OperationalError, OSError, TimeoutError) as error:
            raise Unavailable("The task queue does not answer.") from error

    def _ping(self) -> None:
        with self._app.connection_for_write() as connection:
            connection.default_channel.client.ping()
