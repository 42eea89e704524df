"""A thousand connections that trickle heads and bodies: each is ended in time, and nobody else waits for them."""

import hashlib
import os
import selectors
import time
from contextlib import ExitStack, contextmanager
from threading import Event, Thread

import pytest

from tests.api.test_stop import HEAD

SLOW = 1000
LARGE = os.urandom(32 << 20)
HEADER_SECONDS, IDLE_SECONDS = 2, 2
DEADLINE_SECONDS = 30

HALF_A_HEAD = b"POST /ingest?filename=a.bin HTTP/1.1\r\nHost: a\r\nX-Slow: "
KINDS = {
    "head": (HALF_A_HEAD, b"x"),
    "nothing": (b"", b""),
    "empty lines": (b"", b"\r\n"),
    "small body that stalls": (HEAD % 5_000 + b"x", b""),
    "large body that stalls": (HEAD % 50_000_000 + b"x" * 100, b""),
    "chunked body that stalls": (
        b"POST /ingest?filename=a.bin HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        b"",
    ),
    "body that nobody reads": (b"GET /health HTTP/1.1\r\nHost: a\r\nContent-Length: 5000000\r\n\r\n", b"x"),
}


@pytest.fixture
def slow_api(own_api):
    return own_api(HEADER_SECONDS=str(HEADER_SECONDS), RECEIVE_IDLE_SECONDS=str(IDLE_SECONDS))


@contextmanager
def trickling(api):
    """Hold the slow connections, each fed twice a second; give those that are still open."""
    stop, kinds = Event(), list(KINDS.values())
    with ExitStack() as stack:
        selector = stack.enter_context(selectors.DefaultSelector())
        still_open = {}
        for number in range(SLOW):
            connection = stack.enter_context(api.socket())
            opening, more = kinds[number % len(kinds)]
            connection.sendall(opening)
            connection.setblocking(False)
            still_open[connection] = more
            selector.register(connection, selectors.EVENT_READ)
        feeding = Thread(target=_feed, args=(selector, still_open, stop))
        feeding.start()
        try:
            yield still_open
        finally:
            stop.set()
            feeding.join()


def _feed(selector, still_open, stop):
    while still_open and not stop.is_set():
        until = time.monotonic() + 0.5
        while (left := until - time.monotonic()) > 0 and still_open:
            for key, _ in selector.select(left):
                if _is_over(key.fileobj):
                    selector.unregister(key.fileobj)
                    del still_open[key.fileobj]
        for connection, more in list(still_open.items()):
            try:
                connection.send(more)
            except OSError:
                continue  # it was ended; the next look takes it out


def _is_over(connection):
    try:
        return not connection.recv(65536)
    except BlockingIOError:
        return False
    except OSError:
        return True


def test_slow_connections_are_all_ended_and_a_normal_upload_goes_on_beside_them(slow_api):
    with trickling(slow_api) as still_open, slow_api.client() as client:
        answer = client.post("/ingest?filename=a.bin", content=LARGE)
        assert answer.status_code == 202, answer.text
        assert answer.json()["sha256"] == hashlib.sha256(LARGE).hexdigest()
        deadline = time.monotonic() + DEADLINE_SECONDS
        while still_open and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not still_open, f"{len(still_open)} of {SLOW} are still open"
    assert [path.name for path in slow_api.files()] == [answer.json()["id"]]
