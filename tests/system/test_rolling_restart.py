"""A rolling restart under load: every process is stopped in turn, and a sender who repeats at 503 loses nothing."""

import json
import os
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPConnection, RemoteDisconnected
from pathlib import Path
from signal import SIGSTOP, SIGTERM

import httpx
import pytest

from tests.system.client import ended, eventually, send
from tests.system.stack import WATCHERS, launch, procfile_without

SETTLING_SECONDS = 10
"""The launcher starts again what ends later than that."""
STOP_SECONDS = 15
LONGEST_RETRY_SECONDS = 5
ROUNDS = ("api", "beat", "worker", "worker-large", "notifier", "api")
COMMANDS = {
    "api": "-m api",
    "beat": "celery_app beat",
    "worker": "-n worker@",
    "worker-large": "-n worker-large@",
    "notifier": "-n notifier@",
}


@pytest.fixture(scope="module")
def settled(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rolling")
    stack = launch(
        folder / "data",
        procfile_without(WATCHERS, folder / "Procfile"),
        RATE_LIMIT="1000000/minute",
        READ_RATE_LIMIT="1000000/minute",
        LARGE_BYTES=str(1 << 20),
    )
    stack.ready()
    time.sleep(SETTLING_SECONDS)
    yield stack
    stack.end()


def command_of(pid):
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()


def pid_of(stack, name):
    """Return the pid of the process that the launcher runs under that name, None while there is none."""
    for pid in stack.children():
        with suppress(OSError):
            if COMMANDS[name] in command_of(pid):
                return pid
    return None


def stopped(stack, name):
    """Stop one process, once it is there, and wait until it has ended."""
    pid, started = eventually(lambda: pid_of(stack, name)), time.monotonic()
    os.kill(pid, SIGTERM)
    assert eventually(lambda: pid not in stack.children(), STOP_SECONDS)
    print(f"{name} ended after {time.monotonic() - started:.1f} s")


class ClosedBeforeAnswer(Exception):
    """The connection was closed before any byte of the answer came."""


@dataclass
class Senders:
    """They send until told to end; a 503 is repeated after Retry-After, and nothing else is."""

    port: int
    over: threading.Event = field(default_factory=threading.Event)
    receipts: list[dict] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    reused: int = 0
    """Kept connections that were closed under a request."""

    def afresh(self):
        """Send small files, each on a connection of its own."""
        while not self.over.wait(0.3):
            body = os.urandom(20_000)
            self.accepted(lambda body=body: self.post(self.connection(), body))

    def slowly(self, seconds):
        """Send larger files over some seconds, each on a connection of its own."""
        while not self.over.wait(0.1):
            self.accepted(lambda: self.post(self.connection(), trickle(seconds)))

    def kept_alive(self):
        """Send small files on a kept connection.

        A server may close one at any time, so a request on it may meet its end (RFC 9112, section 9.3.1): as browsers
        and curl do, this sender then repeats it on a fresh connection. The key makes that safe.
        """
        connection = self.connection()
        while not self.over.wait(0.2):
            body, key = os.urandom(5000), {"Idempotency-Key": str(uuid.uuid4())}
            try:
                self.accepted(lambda body=body, key=key: self.post(connection, body, key))
            except ClosedBeforeAnswer:
                self.reused += 1
                connection.close()
                self.accepted(lambda body=body, key=key: self.post(connection, body, key))

    def connection(self):
        return HTTPConnection("127.0.0.1", self.port, timeout=30)

    def post(self, connection, body, headers=None):
        """Return status, Retry-After and document."""
        with suppress(BrokenPipeError, ConnectionResetError):  # it may have been answered before its end
            connection.request("POST", "/ingest?filename=a.bin", body, headers or {})
        try:
            answer = connection.getresponse()
        except (RemoteDisconnected, ConnectionError) as error:
            raise ClosedBeforeAnswer from error
        return answer.status, answer.headers["retry-after"], json.loads(answer.read())

    def accepted(self, post):
        """Repeat at 503 until the file is accepted."""
        while (answer := post())[0] == HTTPStatus.SERVICE_UNAVAILABLE:
            self.refused.append(answer[2]["code"])
            time.sleep(min(int(answer[1]), LONGEST_RETRY_SECONDS))
        assert answer[0] == HTTPStatus.ACCEPTED, answer
        self.receipts.append(answer[2])


def trickle(seconds):
    for _ in range(20):
        yield b"slow" * 25_000
        time.sleep(seconds / 20)


@pytest.mark.timeout(300)
def test_a_rolling_restart_of_everything_fails_no_upload_and_does_nothing_twice(settled):
    senders = Senders(int(settled.settings["PORT"]))
    works = (senders.afresh, senders.afresh, senders.kept_alive, senders.kept_alive)
    with ThreadPoolExecutor(8) as pool:
        sending = [pool.submit(work) for work in works] + [pool.submit(senders.slowly, s) for s in (1, 3, 8)]
        try:
            assert eventually(lambda: len(senders.receipts) > 10)
            for name in ROUNDS:
                stopped(settled, name)
            assert eventually(lambda: all(pid_of(settled, name) for name in COMMANDS))
            assert eventually(lambda: answers(settled.url))
        finally:
            senders.over.set()
    for one in sending:
        one.result()
    assert len(senders.receipts) > 50
    assert set(senders.refused) <= {"stopping"}
    print(f"{len(senders.receipts)} accepted, {len(senders.refused)} refused, {senders.reused} closed when reused")
    with httpx.Client(base_url=settled.url, timeout=30) as client:
        for receipt in senders.receipts:
            moves = eventually(lambda path=f"/ingest/{receipt['id']}": completed(client, path))
            assert [move["after"] for move in moves].count("completed") == 1, receipt


def completed(client, path):
    """Return the history of a completed ingest, an empty one before that."""
    full = client.get(path).json()
    return full["history"] if full["state"] == "completed" else []


def answers(url):
    with suppress(httpx.TransportError):
        return httpx.get(f"{url}/ready").is_success


def test_a_worker_that_stops_in_the_middle_of_a_parse_hands_it_back_and_takes_its_cage_along(settled):
    worker = eventually(lambda: pid_of(settled, "worker"))
    cages = eventually(lambda: cages_of(settled, worker))
    for pid in cages:
        os.kill(pid, SIGSTOP)
    receipt = send(settled.url, "note.txt", b"parsed for ever\n")
    url = f"{settled.url}/ingest/{receipt['id']}"
    assert eventually(lambda: httpx.get(url).json()["state"] == "processing")
    stopped(settled, "worker")
    assert eventually(lambda: not [pid for pid in cages if Path(f"/proc/{pid}").exists()])
    full = ended(settled.url, receipt["id"], 30)
    details = [(move["after"], move["detail"]) for move in full["history"]]
    assert details == [
        ("receiving", None),
        ("received", None),
        ("processing", "attempt 1"),
        ("received", "handed back: the worker stopped"),
        ("processing", "attempt 1"),
        ("completed", None),
    ]
    assert full["attempts"] == 1


def cages_of(stack, worker):
    """Return the warm processes of the worker's two children, once both are there."""
    children = [pid for pid in stack.pids() if parent_of(pid) == worker]
    found = [pid for pid in pids() if parent_of(pid) in children and "workers.cage.warm" in command_of(pid)]
    return found if len(found) == len(children) == 2 else None


def parent_of(pid):
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return None


def pids():
    return [int(folder.name) for folder in Path("/proc").glob("[0-9]*")]
