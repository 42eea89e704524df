"""Faults one at a time: what was accepted still ends, once, and Perception is told."""

import os
import signal
import sqlite3
import threading
from contextlib import closing, suppress
from pathlib import Path

import httpx
import pytest
from redis import Redis

from tests.system.client import ended, eventually, send, told
from tests.system.stack import WATCHERS, launch, procfile_without

SETTINGS = {
    "RATE_LIMIT": "1000000/minute",
    "LEASE_SECONDS": "600",
    "SWEEP_SECONDS": "1",
    "MAX_ATTEMPTS": "2",
    "RETRY_SECONDS": "0.2",
}
"""A lease that would last for ten minutes: only the end of a process can tell that it holds nothing any more."""


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """One stack for all that it survives."""
    folder = tmp_path_factory.mktemp("faults")
    stack = launch(folder / "data", procfile_without(WATCHERS, folder / "Procfile"), **SETTINGS)
    try:
        yield stack.ready()
    finally:
        stack.end()


def commands(stack):
    """pid → command line of everything that works on the stack's folder."""
    found = {}
    for pid in stack.pids():
        try:
            found[pid] = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        except FileNotFoundError:
            continue
    return found


def redis_of(stack):
    return Redis.from_url(stack.redis_url)


def test_FLUSHALL_loses_nothing(running):
    receipts = []
    with redis_of(running) as redis:
        for number in range(30):
            receipts.append(send(running.url, f"{number}.txt", b"flushed\n" * number + b"end\n"))
            redis.flushall()
    for receipt in receipts:
        full = ended(running.url, receipt["id"])
        assert full["state"] == "completed"
        assert [move["after"] for move in full["history"]].count("completed") == 1
        assert told(running.perception_log, receipt["id"])


def test_a_worker_child_killed_in_mid_task_is_taken_back_and_the_effects_happen_once(running):
    assert eventually(lambda: len(slots_of(running)) == int(running.settings["WORKER_CONCURRENCY"]))
    slots = slots_of(running)
    body = os.urandom(1 << 20) * 255
    receipt = send(running.url, "large.bin", body)
    url = f"{running.url}/ingest/{receipt['id']}"
    assert eventually(lambda: httpx.get(url).json()["state"] == "processing")
    for pid in slots:
        os.kill(pid, signal.SIGKILL)
    full = ended(running.url, receipt["id"], 60)
    assert full["state"] == "completed"
    assert full["attempts"] == 2
    assert "worker_went_silent" in [move["detail"] for move in full["history"]]
    assert [move["after"] for move in full["history"]].count("completed") == 1
    assert len(told(running.perception_log, receipt["id"])) == 1


def slots_of(stack):
    """The children of the worker that takes files of common sizes."""
    workers = [pid for pid, command in commands(stack).items() if " worker -n worker@" in command]
    return max(map(children, workers), key=len, default=[])


def children(pid):
    """The Celery children of a worker: they carry its command line."""
    mine = Path(f"/proc/{pid}/cmdline").read_bytes()
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        found += [int(child) for child in task.read_text().split()]
    return [child for child in found if Path(f"/proc/{child}/cmdline").read_bytes() == mine]


def test_an_api_killed_in_mid_upload_leaves_bytes_that_are_removed(unwatched, data_dir):
    stack = unwatched(data_dir, **SETTINGS, ORPHAN_SECONDS="2").ready()
    begun = threading.Event()

    def body():
        for _ in range(40):
            yield b"x" * (1 << 20)
            if next((data_dir / "incoming").iterdir(), None):
                begun.set()
        begun.wait(20)
        api = next(pid for pid, command in commands(stack).items() if command.rstrip().endswith("-m api"))
        os.kill(api, signal.SIGSTOP)
        os.kill(api, signal.SIGKILL)
        yield b"x"

    with pytest.raises(httpx.TransportError):
        send(stack.url, "half.bin", body())
    assert list((data_dir / "incoming").iterdir())
    stack.end()
    again = unwatched(data_dir, **SETTINGS, ORPHAN_SECONDS="2").ready()
    assert eventually(lambda: not list((data_dir / "incoming").iterdir()))
    assert httpx.get(f"{again.url}/ingest").json()["items"] == []


def frozen(pids, data_dir):
    """Freeze them all, and say whether none of them holds the catalog's one lock; else let them go on."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    with closing(sqlite3.connect(data_dir / "catalog.db", timeout=0)) as catalog, suppress(sqlite3.OperationalError):
        catalog.execute("BEGIN IMMEDIATE")
        return True
    for pid in pids:
        os.kill(pid, signal.SIGCONT)
    return False


def test_a_poison_file_that_our_worker_never_survives_ends_as_failed(running):
    """Its bytes are changed behind our back: every attempt finds that they differ from the receipt."""
    stack, data_dir = running, running.data_dir
    workers = [pid for pid, command in commands(stack).items() if " worker " in command]
    assert eventually(lambda: frozen(workers, data_dir))
    receipt = send(stack.url, "changed.txt", b"as it was sent\n")
    next(data_dir.glob(f"objects/*/*/{receipt['id']}")).write_bytes(b"as it is now, alas\n")
    for pid in workers:
        os.kill(pid, signal.SIGCONT)
    full = ended(stack.url, receipt["id"])
    assert full["state"] == "failed"
    assert [reason["code"] for reason in full["verdict"]["reasons"]] == ["stored_bytes_differ"]
    assert told(stack.perception_log, receipt["id"])[0]["event"]["type"] == "hmas.ingest.failed.v1"
    next(data_dir.glob(f"objects/*/*/{receipt['id']}")).write_bytes(b"as it was sent\n")
    assert httpx.post(f"{stack.url}/ingest/{receipt['id']}/replay").status_code == 202
    assert eventually(lambda: httpx.get(f"{stack.url}/ingest/{receipt['id']}").json()["state"] == "completed")
