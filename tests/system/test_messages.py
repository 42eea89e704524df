"""A worker and what comes from Redis: strange messages are dropped with a line in the log, and a lost Redis ends it."""

import base64
import json
import os
import signal
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from redis import Redis

from tests.redis_server import RedisServer
from tests.system.client import eventually

ROOT = Path(__file__).parents[2]
QUEUE = "ingest"
STRONG = {"WARNING", "ERROR", "CRITICAL"}


def coded(body):
    return base64.b64encode(body if isinstance(body, bytes) else json.dumps(body).encode()).decode()


def message(body=(["an id"], {}, {}), *, without=(), outer=None, **headers):
    """Return a message as Celery's second protocol has it, changed as the arguments say."""
    named = {"lang": "py", "task": "ingest.process", "id": str(uuid.uuid4()), "argsrepr": "", "kwargsrepr": ""}
    named |= {"root_id": None, "parent_id": None, **headers}
    properties = {
        "correlation_id": named["id"],
        "delivery_mode": 2,
        "delivery_info": {"exchange": "", "routing_key": QUEUE},
        "priority": 0,
        "body_encoding": "base64",
        "delivery_tag": str(uuid.uuid4()),
    }
    whole = {
        "body": coded(list(body) if isinstance(body, tuple) else body),
        "content-encoding": "utf-8",
        "content-type": "application/json",
        "headers": named,
        "properties": properties,
    }
    for part in (whole, named, properties):
        for name in without:
            part.pop(name, None)
    return json.dumps(whole | (outer or {}))


STRANGE = {
    "no JSON": b"this is no json",
    "no text": b"\xff\xfe",
    "a list": b"[1, 2]",
    "a number": b"7",
    "nothing in it": b"{}",
    "no headers": message(without=["headers"]),
    "no properties": message(without=["properties"]),
    "no delivery tag": message(without=["delivery_tag"]),
    "headers of null": message(outer={"headers": None}),
    "a body that is no base64": message(outer={"body": "*"}),
    "a body that is no JSON": message(b"{{{"),
    "a body of another shape": message({"a": 1}),
    "an empty body": message([]),
    "arguments that are a number": message((5, {}, {})),
    "names that are a list": message(([], [1], {})),
    "no argument": message(([], {}, {})),
    "too many arguments": message((["a", "b", "c"], {}, {})),
    "an unknown argument": message(([], {"of_old": 1}, {})),
    "a list as the id": message(([[1]], {}, {})),
    "a lone surrogate as the id": message((["\ud800"], {}, {})),
    "a huge id": message((["a" * 2_000_000], {}, {})),
    "a preview of a number": message(([9], {}, {}), task="ingest.preview"),
    "an unknown task": message(task="ingest.of_old"),
    "an unknown task without id": message(task="ingest.of_old", without=["id"]),
    "a task that is a list": message(task=[5]),
    "no id": message(without=["id"]),
    "an id that is a list": message(id=[1]),
    "words that are a list": message(**{name: [1] for name in ("shadow", "group", "retries", "root_id", "origin")}),
    "limits that are words": message(**dict.fromkeys(("timelimit", "retries", "stamps", "ignore_result"), "x")),
    "pickle": message(outer={"content-type": "application/x-python-serialize"}),
    "a bad time": message(eta="yesterday"),
    "a bad expiry": message(expires="never"),
}


class Worker:
    """A worker with one child and a Redis of its own."""

    def __init__(self, folder, redis):
        self.log, self.redis = folder / "log", redis
        plain = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "TMPDIR"}}
        self.env = plain | {"DATA_DIR": str(folder / "data"), "REDIS_URL": redis.url, "METRICS_PORT": "0"}
        subprocess.run([sys.executable, "-m", "migrations"], cwd=ROOT, env=self.env, check=True, timeout=60)
        self.results = Redis.from_url(f"{redis.url.removesuffix('0')}1")

    def start(self):
        command = ("celery", "-A", "workers.celery_app", "worker", "-Q", QUEUE, "-c", "1")
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *command, "--without-gossip", "--without-mingle"],
                cwd=ROOT,
                env=self.env | {"REMAP_SIGTERM": "SIGQUIT"},
                stdout=log,
                stderr=log,
            )

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)

    def warned(self):
        """Return how many lines tell of something strange."""
        return sum(json.loads(line).get("level") in STRONG for line in self.log.open() if line[0] == "{")

    def put(self, raw):
        with self.redis.client() as client:
            client.lpush(QUEUE, raw)

    def takes(self):
        """Return whether it takes a message that is good, but for an ingest that is not there."""
        ident = str(uuid.uuid4())
        self.put(message(id=ident))
        return bool(eventually(lambda: self.results.exists(f"celery-task-meta-{ident}")))


@pytest.fixture
def worker(tmp_path):
    redis = RedisServer(tmp_path / "redis")
    with redis.running():
        started = Worker(tmp_path, redis)
        started.start()
        yield started
        if started.process.poll() is None:
            started.stop()


def test_a_worker_drops_what_no_task_can_be_made_of_with_a_line_in_its_log_and_goes_on(worker):
    assert worker.takes()
    for name, raw in STRANGE.items():
        before = worker.warned()
        worker.put(raw)
        assert worker.takes(), name
        assert worker.warned() >= before + 2, name  # one is of the good message, whose ingest is not there
    assert worker.process.poll() is None
    with worker.redis.client() as client:
        assert eventually(lambda: not client.exists("unacked", QUEUE))


def test_a_worker_that_loses_redis_in_mid_work_ends_at_once_and_its_next_start_goes_on(worker):
    for _ in range(3):
        assert worker.takes()
        for _ in range(100):
            worker.put(message())
        worker.redis.kill()
        assert worker.process.wait(20) == 1
        worker.redis.start()
        worker.start()
    assert worker.takes()
