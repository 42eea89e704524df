"""The promises of PerceptionSink over every adapter, each with a real other side; it leaves back-off to the tasks."""

import asyncio
import base64
import json
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Protocol

import jsonschema
import pytest

from shared.adapters.celery_sink import CelerySink
from shared.adapters.memory_sink import MemorySink
from shared.adapters.stream_sink import StreamSink
from shared.adapters.webhook_sink import WebhookSink
from shared.errors import DeliveryRefused, Unavailable
from shared.events import Event
from shared.ports import PerceptionSink
from tests.redis_server import RedisServer
from tests.sample_event import sample_event
from tests.webhook_server import OK, SILENCE, WebhookServer

TIMEOUT = 0.5
LATE = TIMEOUT + 0.4
"""A machine under load is a little late; an unbounded wait is much more."""


class Side(Protocol):
    """A sink with the other side that it delivers to."""

    sink: PerceptionSink

    async def received(self) -> list[Any]: ...
    async def freeze(self) -> None: ...
    async def thaw(self) -> None: ...
    async def die(self) -> None: ...
    async def live(self) -> None: ...


class InMemory:
    def __init__(self) -> None:
        self.sink = MemorySink()

    async def received(self):
        return [event.model_dump(mode="json") for event in self.sink.events]

    async def freeze(self):
        self.sink.fault = Unavailable()

    async def thaw(self):
        self.sink.fault = None

    die, live = freeze, thaw


class OnRedis:
    def __init__(self, server: RedisServer, sink: CelerySink | StreamSink) -> None:
        self.server, self.sink = server, sink

    async def received(self):
        with self.server.client() as client:
            if isinstance(self.sink, StreamSink):
                return [json.loads(fields["event"]) for _, fields in client.xrange("hmas.events")]
            return [argument(message) for message in reversed(client.lrange("perception", 0, -1))]

    async def freeze(self):
        self.server.freeze()

    async def thaw(self):
        self.server.thaw()

    async def die(self):
        self.server.kill()

    async def live(self):
        self.server.start()


class OnHttp:
    def __init__(self, server: WebhookServer) -> None:
        self.server = server
        self.sink = WebhookSink(server.url, "", TIMEOUT, allow_private=True)

    async def received(self):
        return [json.loads(request.body) for request in self.server.requests]

    async def freeze(self):
        self.server.answer = SILENCE

    async def thaw(self):
        self.server.answer = OK

    async def die(self):
        await self.server.stop()

    async def live(self):
        await self.server.start()


@pytest.fixture(params=["memory", "celery", "stream", "webhook"])
async def side(request, tmp_path: Path) -> AsyncIterator[Side]:
    if request.param == "memory":
        yield InMemory()
    elif request.param == "webhook":
        async with WebhookServer().running() as hook:
            yield (at := OnHttp(hook))
            await at.sink.aclose()
    else:
        with RedisServer(tmp_path / "redis").running() as redis:
            yield (at := OnRedis(redis, sink_on(redis, request.param)))
            await at.sink.aclose()


def sink_on(redis: RedisServer, kind: str) -> CelerySink | StreamSink:
    if kind == "celery":
        return CelerySink(redis.url, "perception", TIMEOUT)
    return StreamSink(redis.url, "hmas.events", TIMEOUT)


def argument(message: str) -> Any:
    """The one argument of a Celery message (protocol 2)."""
    (event,), _, _ = json.loads(base64.b64decode(json.loads(message)["body"]))
    return event


async def failing(side: Side) -> float:
    """Deliver in vain; return the seconds that it took."""
    clock = asyncio.get_running_loop().time
    started = clock()
    with pytest.raises((Unavailable, DeliveryRefused)):
        await side.sink.deliver(sample_event())
    return clock() - started


async def usable(side: Side) -> bool:
    """Whether a new event arrives. One that failed before may have arrived as well."""
    event = sample_event()
    await side.sink.deliver(event)
    return event.id in [received["id"] for received in await side.received()]


async def test_an_event_arrives_unchanged_and_fits_the_schema(side: Side) -> None:
    event = sample_event()
    await side.sink.deliver(event)
    (received,) = await side.received()
    assert received == event.model_dump(mode="json")
    jsonschema.validate(received, Event.model_json_schema())


async def test_a_repeated_delivery_carries_the_same_id(side: Side) -> None:
    event = sample_event()
    await side.sink.deliver(event)
    await side.sink.deliver(event)
    assert [received["id"] for received in await side.received()] == [event.id, event.id]


async def test_events_delivered_at_once_all_arrive(side: Side) -> None:
    events = [sample_event(sequence) for sequence in range(50)]
    await asyncio.gather(*(side.sink.deliver(event) for event in events))
    assert {received["id"] for received in await side.received()} == {event.id for event in events}


async def test_a_dead_other_side_is_told_in_time_and_used_again_afterwards(side: Side) -> None:
    assert await usable(side)
    await side.die()
    assert await failing(side) < LATE
    assert await failing(side) < LATE
    await side.live()
    assert await usable(side)


async def test_a_restart_in_between_costs_no_delivery(side: Side) -> None:
    assert await usable(side)
    await side.die()
    await side.live()
    assert await usable(side)


async def test_another_side_that_never_answers_is_told_in_time_and_used_again_afterwards(side: Side) -> None:
    assert await usable(side)
    await side.freeze()
    assert await failing(side) < LATE
    assert await failing(side) < LATE
    await side.thaw()
    assert await usable(side)


async def test_another_side_that_was_never_there_is_told_in_time(side: Side) -> None:
    await side.die()
    assert await failing(side) < LATE


@pytest.mark.parametrize("side", ["celery", "stream"], indirect=True)
async def test_a_flushed_redis_takes_the_next_event(side: OnRedis) -> None:
    assert await usable(side)
    with side.server.client() as client:
        client.flushall()
    assert await usable(side)


@pytest.mark.parametrize("side", ["celery", "stream"], indirect=True)
async def test_a_full_redis_is_unavailable(side: OnRedis) -> None:
    with side.server.client() as client:
        client.config_set("maxmemory", "1")
        with pytest.raises(Unavailable):
            await side.sink.deliver(sample_event())
        client.config_set("maxmemory", "0")
    assert await usable(side)


@pytest.mark.parametrize("side", ["celery"], indirect=True)
async def test_a_hung_broker_holds_one_thread_however_many_deliveries_it_is_asked_for(side: OnRedis) -> None:
    assert await usable(side)
    before = threading.active_count()
    await side.freeze()
    deliveries = [asyncio.create_task(side.sink.deliver(sample_event()))]
    for _ in range(10):
        await asyncio.sleep(0)  # the first has the thread, and the others wait for it
    deliveries += [asyncio.create_task(side.sink.deliver(sample_event())) for _ in range(20)]
    outcomes = await asyncio.gather(*deliveries, return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {Unavailable}
    assert threading.active_count() <= before
    await side.thaw()
    assert await usable(side)
    assert len(await side.received()) <= 3, "what timed out while waiting for the thread was not sent later"


@pytest.mark.parametrize("side", ["celery"], indirect=True)
async def test_the_celery_message_names_the_task_the_queue_and_the_event(side: OnRedis) -> None:
    event = sample_event()
    await side.sink.deliver(event)
    with side.server.client() as client:
        message = json.loads(client.lindex("perception", 0))
    assert message["headers"]["task"] == "perception.ingested"
    assert message["headers"]["id"] == event.id
    assert message["properties"]["delivery_info"]["routing_key"] == "perception"
    assert message["content-type"] == "application/json"


@pytest.mark.parametrize("side", ["stream"], indirect=True)
async def test_a_stream_entry_can_be_picked_by_its_fields_and_old_ones_go(side: OnRedis) -> None:
    sink = StreamSink(side.server.url, "hmas.events", TIMEOUT, max_length=100)
    events = [sample_event(sequence) for sequence in range(400)]
    for event in events:
        await sink.deliver(event)
    await sink.aclose()
    with side.server.client() as client:
        assert 100 <= client.xlen("hmas.events") < 400
        ((_, fields),) = client.xrevrange("hmas.events", count=1)
    last = events[-1]
    assert (fields["id"], fields["type"]) == (last.id, "hmas.ingest.completed.v1")
    assert (fields["subject"], fields["sequence"]) == (last.subject, f"{399:020d}")


@pytest.mark.parametrize(
    ("sink", "name"),
    [
        (CelerySink("redis://:secret@127.0.0.1:1/0", "perception", TIMEOUT), "celery:perception"),
        (StreamSink("redis://:secret@127.0.0.1:1/0", "hmas.events", TIMEOUT), "redis-stream:hmas.events"),
        (
            WebhookSink("http://host:81/hook?token=secret#secret", "", TIMEOUT, allow_private=True),
            "http://host:81/hook",
        ),
    ],
)
def test_a_name_is_the_url_without_secrets(sink: PerceptionSink, name: str) -> None:
    assert sink.name == name
