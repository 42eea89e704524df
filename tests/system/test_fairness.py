"""Callers and sizes do not hold each other up: one file among hundreds, small files beside a large one."""

import os
import signal
from contextlib import contextmanager

import httpx
import pytest

from tests.system.client import ended, eventually, send

SETTINGS = {
    "RATE_LIMIT": "1000000/minute",
    "READ_RATE_LIMIT": "1000000/minute",
    "WORKER_CONCURRENCY": "1",
    "LARGE_BYTES": str(16 << 20),
}
FLOOD = 200


@pytest.fixture
def running(unwatched, data_dir):
    stack = unwatched(data_dir, **SETTINGS).ready()
    assert eventually(lambda: all(len(stack.workers(name)) == 2 for name in ("worker", "worker-large")))
    return stack


@contextmanager
def frozen(pids):
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    yield
    for pid in pids:
        os.kill(pid, signal.SIGCONT)


def sent(caller, number):
    return caller.post("/ingest", params={"filename": f"{number}.txt"}, content=b"x\n").raise_for_status().json()["id"]


def completed_at(stack, ingest_id):
    return ended(stack.url, ingest_id)["completed_at"]


def state(stack, ingest_id):
    return httpx.get(f"{stack.url}/ingest/{ingest_id}").json()["state"]


def test_one_file_is_completed_before_most_of_another_callers_flood(running):
    # Loopback has a whole network of addresses; without accounts a caller is an address.
    flooding, other = (httpx.HTTPTransport(local_address=address) for address in ("127.0.0.1", "127.0.0.2"))
    with (
        httpx.Client(base_url=running.url, transport=flooding) as flood,
        httpx.Client(base_url=running.url, transport=other) as single,
    ):
        with frozen(running.workers("worker")):
            ids = [sent(flood, number) for number in range(FLOOD // 2)]
            one = sent(single, "one")
            ids += [sent(flood, number) for number in range(FLOOD // 2, FLOOD)]
    done = completed_at(running, one)
    earlier = [ident for ident in ids if completed_at(running, ident) < done]
    assert len(earlier) < FLOOD // 2


def test_small_files_are_completed_while_a_large_one_is_processed(running):
    large = send(running.url, "large.bin", os.urandom(1 << 20) * 300)["id"]
    assert eventually(lambda: state(running, large) == "processing")
    with frozen(running.workers("worker-large")):
        for number in range(5):
            small = send(running.url, f"{number}.txt", b"small\n")["id"]
            assert ended(running.url, small)["state"] == "completed"
        assert state(running, large) == "processing"
    assert ended(running.url, large, 60)["state"] == "completed"
