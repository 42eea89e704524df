"""A file that kills its worker child on each attempt: it fails with a reason, and its neighbours never notice."""

import os
import signal
import sqlite3
import threading
from contextlib import closing, suppress
from pathlib import Path

import httpx
import pytest

from tests.system.client import ended, eventually, send, told
from tests.system.test_faults import children

SETTINGS = {
    "RATE_LIMIT": "1000000/minute",
    "READ_RATE_LIMIT": "1000000/minute",
    "LEASE_SECONDS": "2",
    "SWEEP_SECONDS": "1",
    "RETRY_SECONDS": "0.2",
    "MAX_ATTEMPTS": "3",
}
POISON = b"poison\n" * (9 << 20)
"""So long that each attempt takes a while: the test must find its worker before it is done."""
NEIGHBOURS = 20


@pytest.fixture
def running(unwatched, data_dir):
    return unwatched(data_dir, **SETTINGS).ready()


class Killer(threading.Thread):
    """Kills whichever worker child works on one ingest, again and again, as a file would that no parser survives."""

    def __init__(self, stack):
        super().__init__()
        self.catalog, self.ingest_id, self.kills, self.ending = stack.data_dir / "catalog.db", "", 0, threading.Event()
        self.workers = [pid for pid in stack.children() if b"worker\0" in Path(f"/proc/{pid}/cmdline").read_bytes()]

    def run(self):
        with closing(sqlite3.connect(self.catalog, timeout=10)) as catalog:
            while not self.ending.wait(0.002):
                query = "SELECT holder FROM ingests WHERE id = ? AND state = 'processing'"
                for (holder,) in catalog.execute(query, [self.ingest_id]).fetchall():
                    self.kill(holder)

    def kill(self, holder):
        """Kill the child that has its holder's file open, and so locked."""
        with suppress(OSError):  # one that ends by itself meanwhile is found the next time
            for child in (child for worker in self.workers for child in children(worker)):
                if holder in {Path(link.readlink()).name for link in Path(f"/proc/{child}/fd").iterdir()}:
                    os.kill(child, signal.SIGKILL)
                    self.kills += 1

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        self.join()


def moves(full, after):
    return [move["after"] for move in full["history"]].count(after)


def test_a_file_that_kills_its_worker_fails_with_a_reason_its_neighbours_never_notice_and_a_replay_works(running):
    with Killer(running) as killer:
        neighbours = [send(running.url, f"{number}.txt", b"before\n") for number in range(NEIGHBOURS)]
        poison = send(running.url, "poison.txt", POISON)
        killer.ingest_id = poison["id"]
        neighbours += [send(running.url, f"{number}.txt", b"after\n") for number in range(NEIGHBOURS)]
        full = ended(running.url, poison["id"], 90)
    assert (full["state"], full["attempts"], moves(full, "processing")) == ("failed", 3, 3)
    assert [reason["code"] for reason in full["verdict"]["reasons"]] == ["attempts_exhausted"]
    assert killer.kills >= 3
    for receipt in neighbours:
        whole = ended(running.url, receipt["id"])
        assert (whole["state"], whole["attempts"], moves(whole, "processing")) == ("completed", 1, 1)
    assert httpx.post(f"{running.url}/ingest/{poison['id']}/replay").status_code == 202
    assert eventually(lambda: httpx.get(f"{running.url}/ingest/{poison['id']}").json()["state"] == "completed", 60)
    types = {entry["event"]["type"].split(".")[2] for entry in told(running.perception_log, poison["id"])}
    assert "failed" in types
