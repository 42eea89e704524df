"""The example consumer in a process of its own, fed by the real sinks through a real Redis; no other part runs."""

import asyncio
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from shared.adapters.celery_sink import CelerySink
from shared.adapters.stream_sink import StreamSink
from shared.events import Event
from tests.redis_server import DIE_WITH_PARENT, RedisServer
from tests.sample_event import sample_event
from tests.webhook_server import SILENCE, WebhookServer, answer

EXAMPLE = Path(__file__).parents[2] / "examples" / "perception_consumer.py"
CONTENT = b"the bytes of a clip" * 1000
SECONDS = 20
CLAIM_SECONDS = 2


class Perception:
    """The example in one of its modes, with the sink that feeds it."""

    def __init__(self, mode: str, redis: RedisServer, folder: Path) -> None:
        self.mode, self.redis, self.folder = mode, redis, folder
        self.sink = (
            CelerySink(redis.url, "perception", 5) if mode == "celery" else StreamSink(redis.url, "hmas.events", 5)
        )

    @contextmanager
    def running(self) -> Iterator["subprocess.Popen[bytes]"]:
        environ = {
            "PATH": os.environ["PATH"],
            "REDIS_URL": self.redis.url,
            "DATA_DIR": str(self.folder),
            "CLAIM_SECONDS": str(CLAIM_SECONDS),
        }
        command = [*DIE_WITH_PARENT, sys.executable, str(EXAMPLE), self.mode]
        with (
            (self.folder / "consumer.log").open("ab") as log,
            subprocess.Popen(command, env=environ, stdout=log, stderr=log) as process,
        ):
            try:
                yield process
            finally:
                process.kill()

    def lines(self) -> list[dict[str, Any]]:
        path = self.folder / "perception" / "events.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    async def took(self, number: int) -> list[dict[str, Any]]:
        """The lines, as soon as there are so many."""
        await self.until(lambda: len(self.lines()) >= number)
        return self.lines()

    async def until(self, fulfilled) -> None:
        deadline = time.monotonic() + SECONDS
        while not fulfilled():
            assert time.monotonic() < deadline, (self.folder / "consumer.log").read_text()
            await asyncio.sleep(0.01)


@pytest.fixture(params=["celery", "stream"])
async def perception(request, tmp_path: Path) -> AsyncIterator[Perception]:
    with RedisServer(tmp_path / "redis").running() as redis:
        perception = Perception(request.param, redis, tmp_path)
        async with aclosing(perception.sink):
            yield perception


@pytest.fixture
async def web() -> AsyncIterator[WebhookServer]:
    async with WebhookServer(found(CONTENT)).running() as server:
        yield server


def found(content: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(content), content)


def event_of(uri: str, content_url: str = "http://127.0.0.1:1/") -> Event:
    """An event of a file with CONTENT, which is to be had there."""
    event = sample_event()
    event.data.file.sha256 = hashlib.sha256(CONTENT).hexdigest()
    event.data.file.uri, event.data.file.content_url = uri, content_url
    return event


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    path = tmp_path / "ein Name mit Leerzeichen ☂"
    path.write_bytes(CONTENT)
    return path


async def test_an_event_is_taken_once_with_its_file_checked_however_often_it_comes(
    perception: Perception, stored: Path
) -> None:
    event = event_of(stored.as_uri())
    with perception.running():
        for _ in range(3):
            await perception.sink.deliver(event)
        first, *others = await perception.took(3)
    assert first["event"] == event.model_dump(mode="json")
    assert (first["digest_ok"], first["duplicate"]) == (True, False)
    assert time.time() - SECONDS < first["received_at"] < time.time()
    assert [(line["digest_ok"], line["duplicate"]) for line in others] == [(None, True)] * 2


async def test_events_that_came_before_the_first_start_are_taken(perception: Perception, stored: Path) -> None:
    events = [event_of(stored.as_uri()) for _ in range(30)]
    for event in events:
        await perception.sink.deliver(event)
    with perception.running():
        lines = await perception.took(30)
    assert [line["event"]["id"] for line in lines] == [event.id for event in events]


async def test_a_file_that_is_not_here_is_fetched(perception: Perception, web: WebhookServer) -> None:
    event = event_of("file:///elsewhere/clip", web.url)
    with perception.running():
        await perception.sink.deliver(event)
        (line,) = await perception.took(1)
    assert line["digest_ok"] is True
    assert len(web.requests) == 1


async def test_bytes_that_changed_are_told(perception: Perception, stored: Path) -> None:
    event = event_of(stored.as_uri())
    event.data.file.sha256 = hashlib.sha256(b"other bytes").hexdigest()
    with perception.running():
        await perception.sink.deliver(event)
        (line,) = await perception.took(1)
    assert (line["digest_ok"], line["duplicate"]) == (False, False)


async def test_an_event_without_bytes_is_taken_without_looking_for_them(perception: Perception) -> None:
    event = sample_event().model_copy(update={"type": "hmas.ingest.rejected.v1"})
    with perception.running():
        await perception.sink.deliver(event)
        (line,) = await perception.took(1)
    assert (line["event"]["type"], line["digest_ok"]) == ("hmas.ingest.rejected.v1", None)


async def test_work_that_failed_is_done_again(perception: Perception, web: WebhookServer) -> None:
    web.answer = answer("503 Service Unavailable")
    with perception.running():
        await perception.sink.deliver(event_of("s3://bucket/clip", web.url))
        await perception.until(lambda: web.requests)
        web.answer = found(CONTENT)
        (line,) = await perception.took(1)
    assert (line["digest_ok"], line["duplicate"]) == (True, False)


async def test_what_a_killed_consumer_held_is_taken_by_the_next(perception: Perception, web: WebhookServer) -> None:
    web.answer = SILENCE
    with perception.running() as process:
        await perception.sink.deliver(event_of("s3://bucket/clip", web.url))
        await perception.until(lambda: web.requests)
        process.kill()
    web.answer = found(CONTENT)
    with perception.running():
        (line,) = await perception.took(1)
    assert (line["digest_ok"], line["duplicate"]) == (True, False)


async def test_a_restart_and_a_flush_of_redis_are_survived(perception: Perception, stored: Path) -> None:
    async def sent_and_worked_on() -> None:
        event = event_of(stored.as_uri())
        await perception.sink.deliver(event)
        await perception.until(lambda: worked_on(perception.lines(), event) == 1)

    with perception.running():
        await sent_and_worked_on()
        perception.redis.kill()  # perhaps before the consumer's acknowledgement: then the event comes again
        perception.redis.start()
        await sent_and_worked_on()
        with perception.redis.client() as client:
            client.flushall()
        await sent_and_worked_on()


def worked_on(lines: list[dict[str, Any]], event: Event) -> int:
    """How often the work on the event was done."""
    return sum(line["event"]["id"] == event.id and not line["duplicate"] for line in lines)


async def test_an_idle_consumer_has_the_event_within_milliseconds(perception: Perception, stored: Path) -> None:
    waits = []
    with perception.running():
        for number in range(1, 21):
            sent = time.time()
            await perception.sink.deliver(event_of(stored.as_uri()))
            lines = await perception.took(number)
            waits.append(lines[-1]["received_at"] - sent)
    assert median(waits) < 0.05, waits


async def test_sigterm_ends_it_at_once(perception: Perception, stored: Path) -> None:
    with perception.running() as process:
        await perception.sink.deliver(event_of(stored.as_uri()))
        await perception.took(1)
        process.send_signal(signal.SIGTERM)
        await perception.until(lambda: process.poll() is not None)
        assert process.returncode in (0, -signal.SIGTERM)
