"""The promises of TaskQueue, kept by every adapter; Celery's on a real Redis that is killed and frozen."""

import asyncio
import json
import time
from contextlib import closing, contextmanager, suppress

import pytest
from kombu import Connection, Consumer, Queue

from shared.adapters.celery_queue import ENOUGH_RINGS, RING_SECONDS, CeleryQueue
from shared.adapters.memory_queue import MemoryQueue
from shared.errors import Unavailable
from shared.ids import new_id
from shared.ingest import MAX_PRIORITY
from shared.ports import (
    NOTIFY_QUEUE,
    NOTIFY_TASK,
    PREVIEW_TASK,
    PROCESS_QUEUE,
    PROCESS_TASK,
    SWEEP_QUEUE,
    SWEEP_TASK,
    Depth,
)
from shared.settings import Settings
from tests.redis_server import RedisServer
from tests.sample_ingests import received
from workers.celery_app import create_celery_app

LARGE_BYTES = 1 << 20
NONE = (0,) * MAX_PRIORITY


class Memory:
    """A queue in memory, and how it is looked into and broken."""

    def __init__(self):
        self.queue = MemoryQueue(LARGE_BYTES)

    def rung(self):
        return self.queue.rung, self.queue.rung_notify, self.queue.rung_previews

    @contextmanager
    def away(self):
        self.queue.away = True
        yield
        self.queue.away = False


class OnRedis:
    """Celery's queue, and its Redis; `fault` and `repair` name what is done to that."""

    def __init__(self, server, fault, repair):
        self.server, self.fault, self.repair = server, fault, repair
        self.queue = CeleryQueue(server.url, LARGE_BYTES)
        self.queue.open()

    def messages(self, name):
        with self.server.client() as client:
            return [json.loads(message) for message in client.lrange(name, 0, -1)]

    def rung(self):
        return tuple(
            [message["headers"]["argsrepr"].strip("[]'") for message in self.messages(name)][::-1]
            for name in (PROCESS_QUEUE, NOTIFY_QUEUE, f"{PROCESS_QUEUE}\x06\x169")
        )

    @contextmanager
    def away(self):
        getattr(self.server, self.fault)()
        yield
        getattr(self.server, self.repair)()


@pytest.fixture(params=["memory", "kill start", "freeze thaw"])
def case(request, tmp_path):
    if request.param == "memory":
        yield Memory()
        return
    server = RedisServer(tmp_path / "redis")
    server.start()
    opened = OnRedis(server, *request.param.split())
    with closing(opened.queue):
        yield opened
    server.stop()


async def test_what_is_enqueued_is_rung_for_in_order(case):
    ids = [new_id() for _ in range(3)]
    for ident in ids:
        await case.queue.enqueue(received(id=ident))
    await case.queue.enqueue_notify(ids[0])
    for ident in ids[:2]:
        await case.queue.enqueue_preview(ident)
    assert case.rung() == (ids, ids[:1], ids[:2])
    assert (await case.queue.depth(), await case.queue.preview_depth()) == (Depth((3, *NONE), (0, *NONE)), 2)
    await case.queue.ping()


async def test_rings_are_counted_by_size_class_and_priority(case):
    for size, priority in ((LARGE_BYTES - 1, 0), (LARGE_BYTES, 2), (LARGE_BYTES, 2), (1, MAX_PRIORITY), (1, 5)):
        await case.queue.enqueue(received(size=size, priority=priority))
    await case.queue.enqueue_preview(new_id())
    assert await case.queue.depth() == Depth((1, 0, 0, 0, 0, 1, 0, 0, 1), (0, 0, 2, 0, 0, 0, 0, 0, 0))


async def test_a_queue_that_is_away_says_so_in_time_and_works_again_afterwards(case):
    await case.queue.enqueue(received())
    with case.away():
        started = time.monotonic()
        for call in (
            case.queue.ping(),
            case.queue.depth(),
            case.queue.enqueue(received()),
            case.queue.enqueue_notify(new_id()),
            case.queue.enqueue_preview(new_id()),
            case.queue.preview_depth(),
        ):
            with pytest.raises(Unavailable):
                await call
        assert time.monotonic() - started < 6 * RING_SECONDS + 2
    last = new_id()
    await case.queue.enqueue(received(id=last))
    assert case.rung()[0][-1] == last


@pytest.fixture
def on_redis(tmp_path):
    server = RedisServer(tmp_path / "redis")
    server.start()
    opened = OnRedis(server, "kill", "start")
    with closing(opened.queue):
        yield opened
    server.stop()


async def test_the_tasks_id_is_the_ingests_so_that_its_result_is_found(on_redis):
    ident = new_id()
    await on_redis.queue.enqueue(received(id=ident))
    await on_redis.queue.enqueue_notify(ident)
    (process,), (notify,) = (on_redis.messages(name) for name in (PROCESS_QUEUE, NOTIFY_QUEUE))
    assert (process["headers"]["task"], process["headers"]["id"]) == (PROCESS_TASK, ident)
    assert notify["headers"]["task"] == NOTIFY_TASK
    assert notify["headers"]["id"] != ident


async def test_deliveries_are_not_rung_for_while_enough_rings_wait_and_again_afterwards(on_redis):
    ids = [new_id() for _ in range(ENOUGH_RINGS + 3)]
    for ident in ids:
        await on_redis.queue.enqueue_notify(ident)
    assert on_redis.rung()[1] == ids[:ENOUGH_RINGS]
    taken_from(on_redis.server, ENOUGH_RINGS, NOTIFY_QUEUE)
    await on_redis.queue.enqueue_notify(ids[-1])
    assert on_redis.rung()[1] == ids[-1:]


async def test_a_message_is_what_celerys_send_task_makes(on_redis):
    celery = create_celery_app(Settings(_env_file=None, redis_url=on_redis.server.url))
    ingest = received(priority=3)
    await on_redis.queue.enqueue(ingest)
    celery.send_task(PROCESS_TASK, [ingest.id], task_id=ingest.id, priority=3, queue=PROCESS_QUEUE)
    theirs, ours = on_redis.messages(f"{PROCESS_QUEUE}\x06\x163")
    for message in (ours, theirs):
        for own in ("delivery_tag", "reply_to"):
            assert message["properties"].pop(own)
    assert ours == theirs


def events_of(server, number, begin):
    """Return so many of Celery's events, from when `begin` is called: once Redis knows that we listen."""
    seen = []
    celery = create_celery_app(Settings(_env_file=None, redis_url=server.url))
    with celery.connection_for_read() as broker, server.client() as client:
        receiver = celery.events.Receiver(broker, handlers={"*": seen.append})
        with receiver.consumer_context() as (connection, _, _):
            deadline = time.monotonic() + 10
            while not client.pubsub_numpat() and time.monotonic() < deadline:
                with suppress(TimeoutError):
                    connection.drain_events(timeout=0.1)
            begin()
            while len(seen) < number:
                connection.drain_events(timeout=5)
    return seen


async def test_rings_that_wait_go_out_together_and_each_is_told_of_as_sent(on_redis):
    await on_redis.queue.enqueue_notify(new_id())
    ids = [new_id() for _ in range(64)]
    loop, reads = asyncio.get_running_loop(), []

    async def enqueue_all():
        with on_redis.server.client() as client:
            reads.append(client.info("stats")["total_reads_processed"])
            await asyncio.gather(*(on_redis.queue.enqueue(received(id=ident)) for ident in ids))
            reads.append(client.info("stats")["total_reads_processed"])

    def begin():
        asyncio.run_coroutine_threadsafe(enqueue_all(), loop).result()

    seen = await asyncio.to_thread(events_of, on_redis.server, 64, begin)
    assert [(event["type"], event["uuid"], event["queue"]) for event in seen] == [
        ("task-sent", ident, PROCESS_QUEUE) for ident in ids
    ]
    assert reads[1] - reads[0] < 32
    assert on_redis.rung()[0] == ids


def taken_from(server, count, *queues):
    """Take so many messages as a worker of these queues does; return their headers in order."""
    taken = []

    def take(_body, message):
        taken.append(message.headers)
        message.ack()

    options = create_celery_app(Settings(_env_file=None)).conf.broker_transport_options
    connection = Connection(server.url, transport_options=options)
    with connection, Consumer(connection.channel(), map(Queue, queues), callbacks=[take], accept=["json"]):
        for _ in range(count):
            connection.drain_events(timeout=5)
    return taken


async def test_a_worker_takes_a_preview_only_once_nothing_else_waits(on_redis):
    await on_redis.queue.enqueue_preview(new_id())
    await on_redis.queue.enqueue(received(priority=MAX_PRIORITY))
    await on_redis.queue.enqueue_notify(new_id())
    tasks = [headers["task"] for headers in taken_from(on_redis.server, 3, PROCESS_QUEUE, NOTIFY_QUEUE)]
    assert tasks == [NOTIFY_TASK, PROCESS_TASK, PREVIEW_TASK]


async def test_a_worker_takes_by_priority_then_by_age(on_redis):
    ids = {}
    for priority in (3, 8, 0, 4, 3, 1, 0):
        ids.setdefault(priority, []).append(new_id())
        await on_redis.queue.enqueue(received(id=ids[priority][-1], priority=priority))
    taken = [headers["id"] for headers in taken_from(on_redis.server, 7, PROCESS_QUEUE, SWEEP_QUEUE)]
    assert taken == [*ids[0], *ids[1], *ids[3], *ids[4], *ids[8]]


async def test_a_flood_of_urgent_rings_does_not_keep_a_worker_from_sweeping(on_redis):
    for _ in range(5):
        await on_redis.queue.enqueue(received())
    beat = create_celery_app(Settings(_env_file=None, redis_url=on_redis.server.url))
    beat.send_task(SWEEP_TASK)
    tasks = [headers["task"] for headers in taken_from(on_redis.server, 2, PROCESS_QUEUE, SWEEP_QUEUE)]
    assert sorted(tasks) == [PROCESS_TASK, SWEEP_TASK]


async def test_a_broker_that_lost_everything_is_rung_again(on_redis):
    await on_redis.queue.enqueue(received())
    with on_redis.server.client() as client:
        client.flushall()
    again = new_id()
    await on_redis.queue.enqueue(received(id=again))
    assert on_redis.rung()[0] == [again]
