"""Publishes Celery tasks from asyncio within a bounded time; it leaves which task, and to whom, to its users."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from celery import Celery
from celery.utils import uuid
from kombu.exceptions import BatchPublishError, OperationalError

from shared.errors import Unavailable
from shared.group_commit import LIMIT, GroupCommit, Outcome
from shared.ports import PRIORITIES

T = TypeVar("T")

SOCKET_SECONDS = 1.0
ONE_MORE_TRY = {"max_retries": 1, "interval_start": 0, "interval_step": 0}
"""Kombu sleeps 2 s before it reports a broker that refuses connections, unless told the pauses; measured."""
COMMANDS = 2 * LIMIT
"""What a full group sends at once on Redis: each task, and the event that tells of it."""


@dataclass(frozen=True, slots=True)
class _Call:
    """A task with its one argument, on its way."""

    task: str
    argument: Any
    queue: str
    until: float
    """By the loop's clock: whoever waited for the thread for so long is not sent later."""
    task_id: str = field(default_factory=uuid)
    priority: int = 0
    enough: int | None = None
    """How many waiting messages in its queue make this one needless."""


class CeleryPublisher:
    """An app that only publishes. It has no result backend: with one, a dead Redis blocks it for 19 s, measured.

    One thread publishes, and what waits for it goes out together: on Redis in one round trip, on other brokers one
    message after the other. Behind a broker that hangs, what has not begun times out and is dropped.
    """

    def __init__(self, broker_url: str, seconds: float, missing: str) -> None:
        self._seconds, self._missing = seconds, missing
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="celery-publisher")
        self._publishing = GroupCommit[_Call](self._together, patience=seconds)
        self._app = Celery("hmas-publisher", broker=broker_url, set_as_current=False)
        sockets = {"socket_timeout": SOCKET_SECONDS, "socket_connect_timeout": SOCKET_SECONDS}
        self._app.conf.update(
            task_serializer="json",
            task_send_sent_event=True,
            broker_connection_timeout=SOCKET_SECONDS,
            broker_transport_options={**sockets, **ONE_MORE_TRY, "priority_steps": PRIORITIES},
        )

    def open(self) -> None:
        """Import and build what publishing needs, in the thread that will use it: at first use it would race."""
        self._pool.submit(lambda: self._app.amqp.producer_pool).result()

    def close(self) -> None:
        """Close the connections and let the thread end."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._app.close()

    async def publish(self, task: str, argument: Any, queue: str, **options: Any) -> None:
        """Send a task with one argument; the options are those of _Call.

        Raise Unavailable where the broker does not take it in time.
        """
        until = asyncio.get_running_loop().time() + self._seconds
        try:
            await self._publishing.submit(_Call(task, argument, queue, until, **options))
        except TimeoutError as error:
            raise Unavailable(self._missing) from error

    async def depths(self, wanted: Sequence[tuple[str, int]]) -> list[int]:
        """Return how many messages wait in each queue with each priority, of one moment. Raise Unavailable."""

        def asked(redis: Any) -> list[int]:
            with redis.pipeline() as pipe:
                for queue, priority in wanted:
                    pipe.llen(_list_of(queue, priority))
                return [int(length) for length in pipe.execute()]

        return await self._bounded(partial(self._ask, asked))

    async def ping(self) -> None:
        """Return if the broker answers. Raise Unavailable."""
        await self._bounded(partial(self._ask, lambda redis: redis.ping()))

    async def _together(self, calls: Sequence[_Call]) -> list[Outcome]:
        await self._bounded(partial(self._send_all, calls), min(call.until for call in calls))
        return [None] * len(calls)

    async def _bounded(self, work: Callable[[], T], until: float | None = None) -> T:
        loop = asyncio.get_running_loop()
        left = self._seconds if until is None else until - loop.time()
        try:
            async with asyncio.timeout(left):
                await asyncio.sleep(0)  # where no time is left, nothing is begun
                return await loop.run_in_executor(self._pool, work)
        except (OperationalError, BatchPublishError, OSError, TimeoutError) as error:
            raise Unavailable(self._missing) from error

    def _send_all(self, calls: Sequence[_Call]) -> None:
        with (
            self._app.producer_pool.acquire(block=True) as producer,
            producer.connection._reraise_as_library_errors(),  # noqa: SLF001  (as Celery's own send_task)
            producer.batch(COMMANDS),
        ):
            for queue in {call.queue for call in calls}:
                producer.maybe_declare(self._app.amqp.queues[queue])
            for call in calls:
                if call.enough is None or producer.channel.client.llen(call.queue) < call.enough:
                    self._send(producer, call)

    def _send(self, producer: Any, call: _Call) -> None:
        """Do what `send_task` does for a task of which nothing is known here: without routes, results and a parent."""
        amqp, arguments = self._app.amqp, [call.argument]
        message = amqp.as_task_v2(
            call.task_id,
            call.task,
            arguments,
            argsrepr=repr(arguments) if isinstance(call.argument, str) else None,
            kwargsrepr="{}",
            reply_to=self._app.thread_oid,
            create_sent_event=True,
            ignore_result=None,
        )
        amqp.send_task_message(
            producer, call.task, message, queue=call.queue, priority=call.priority, declare=[], retry=False
        )

    def _ask(self, question: Callable[[Any], T]) -> T:
        with self._app.connection_for_write() as connection:
            return question(connection.default_channel.client)


def _list_of(queue: str, priority: int) -> str:
    """Return the key of a Redis list; a worker takes from it only while its queues hold nothing of a lower number.

    https://docs.celeryq.dev/en/stable/userguide/routing.html#redis-message-priorities
    """
    return f"{queue}\x06\x16{priority}" if priority else queue
