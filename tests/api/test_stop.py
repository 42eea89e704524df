"""The API is stopped: what is open ends in order, what comes late is refused, and nothing half-done is left."""

import os
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from signal import SIGTERM

import httpx
import pytest

from tests.api.conftest import ROOT

HEAD = b"POST /ingest?filename=a.bin HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n"
STOP_SECONDS = 7.5


@pytest.fixture
def stopping(own_api):
    return own_api()


def slow_body(begun, seconds, pieces=10):
    """Give the pieces over the time; `begun` is set with the first one."""
    for _ in range(pieces):
        yield b"x" * 1000
        begun.set()
        time.sleep(seconds / pieces)


def sent_slowly(api, seconds):
    """Begin an upload that takes so long; return its answer to come, once its first byte has left."""
    begun = threading.Event()
    pool = ThreadPoolExecutor(1)
    answer = pool.submit(
        httpx.post, f"{api.url}/ingest", params={"filename": "a.bin"}, content=slow_body(begun, seconds), timeout=20
    )
    pool.shutdown(wait=False)
    assert begun.wait(10)
    while not httpx.get(f"{api.url}/metrics").text.count("hmas_active_uploads 1.0"):
        time.sleep(0.01)
    return answer


def answer_on(connection):
    """Return status, code and headers of the answer that comes, and prove that the connection ends with it."""
    answer = b""
    while piece := connection.recv(65536):
        answer += piece
    return answer


def ended(api):
    return api.process.wait(STOP_SECONDS)


def test_an_upload_in_flight_is_finished(stopping):
    answer = sent_slowly(stopping, 2)
    stopping.process.send_signal(SIGTERM)
    assert answer.result().status_code == 202
    assert answer.result().headers["connection"] == "close"
    assert ended(stopping) == 0
    assert stopping.rows("SELECT state FROM ingests") == [("received",)]


def test_an_upload_that_takes_too_long_is_broken_off_with_a_reason_and_leaves_no_bytes(stopping):
    answer = sent_slowly(stopping, 15)
    stopping.process.send_signal(SIGTERM)
    assert (answer.result().status_code, answer.result().json()["code"]) == (503, "stopping")
    assert answer.result().headers["retry-after"] == "1"
    assert ended(stopping) == 0
    assert stopping.rows("SELECT state, detail FROM ingests JOIN moves ON id = ingest_id WHERE after = 'aborted'") == [
        ("aborted", "stopped")
    ]
    assert stopping.files() == []


def test_an_upload_that_never_began_its_file_is_broken_off_too(stopping):
    with closing(stopping.socket()) as connection:
        connection.sendall(
            HEAD.replace(b"\r\n\r\n", b"\r\nContent-Type: multipart/form-data; boundary=b\r\n\r\n") % 900
        )
        time.sleep(0.2)
        stopping.process.send_signal(SIGTERM)
        answer = answer_on(connection)
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert b'"code":"stopping"' in answer
    assert ended(stopping) == 0


def test_a_request_on_a_connection_that_was_open_is_refused_with_a_reason(stopping):
    with closing(stopping.socket()) as fresh, closing(stopping.socket()) as used:
        used.sendall(b"HEAD /ingest/none/content HTTP/1.1\r\nHost: a\r\n\r\n")
        assert used.recv(65536).startswith(b"HTTP/1.1 404 ")
        stopping.process.send_signal(SIGTERM)
        wait_until_stopping(stopping)
        for connection in (fresh, used):
            connection.sendall(HEAD % 5 + b"hello")
            answer = answer_on(connection)
            assert answer.startswith(b"HTTP/1.1 503 ")
            assert b'"code":"stopping"' in answer
            assert b"retry-after: 1\r\n" in answer
            assert b"connection: close\r\n" in answer
    assert ended(stopping) == 0
    assert stopping.rows("SELECT * FROM ingests") == []


def wait_until_stopping(api):
    while (ready := httpx.get(f"{api.url}/ready")).status_code == 200:
        time.sleep(0.01)
    assert ready.json()["parts"]["process"] == {"ok": False, "detail": "This server is being restarted"} | {
        "ms": ready.json()["parts"]["process"]["ms"]
    }


def test_while_it_stops_it_is_alive_but_not_ready_and_still_read_from(stopping):
    with stopping.client() as client:
        receipt = client.post("/ingest?filename=a.txt", content=b"kept\n").json()
        stopping.process.send_signal(SIGTERM)
        wait_until_stopping(stopping)
        assert httpx.get(f"{stopping.url}/health").status_code == 200
        again = client.get(f"/ingest/{receipt['id']}")
    assert (again.json()["sha256"], again.headers["connection"]) == (receipt["sha256"], "close")
    assert ended(stopping) == 0


def test_a_follower_is_let_go_at_once(stopping):
    with stopping.client() as client:
        receipt = client.post("/ingest?filename=a.txt", content=b"kept\n").json()
        with client.stream("GET", f"/ingest/{receipt['id']}/events") as following:
            lines = following.iter_lines()
            assert next(lines)
            stopping.process.send_signal(SIGTERM)
            started = time.monotonic()
            assert not [line for line in lines if line.startswith("event: ") and line != "event: move"]
    assert ended(stopping) == 0
    assert time.monotonic() - started < STOP_SECONDS / 2


def test_an_idle_stop_is_quick_and_ctrl_c_is_one_too(own_api):
    for number in (SIGTERM, 2):
        api = own_api()
        api.process.send_signal(number)
        assert api.process.wait(STOP_SECONDS / 2) == 0
        assert "Traceback" not in api.log.read_text()


def test_on_a_socket_that_it_is_given_a_restart_refuses_no_connection(own_api):
    api = own_api()
    api.stop()
    with socket.create_server(("127.0.0.1", api.port)) as listening:
        first = start_on(listening, api)
        api.wait()
        first.send_signal(SIGTERM)
        assert first.wait(STOP_SECONDS) == 0
        with closing(api.socket()) as waiting:
            waiting.sendall((HEAD % 5).replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n") + b"hello")
            second = start_on(listening, api)
            try:
                assert answer_on(waiting).startswith(b"HTTP/1.1 202 ")
            finally:
                second.terminate()
                second.wait(STOP_SECONDS)


def start_on(listening, api):
    """Start an API by systemd's own program for that protocol, or by what the launcher has for it."""
    program = ROOT / "deploy" / "local" / "activate.py"
    with api.log.open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, str(program), str(listening.fileno()), sys.executable, "-m", "api"],
            cwd=ROOT,
            env=api.env,
            pass_fds=[listening.fileno()],
            stdout=log,
            stderr=log,
        )
    api.process = process
    return process


def test_sockets_for_another_process_are_left_alone(own_api):
    """A variable that a parent left behind: LISTEN_PID says whose they are."""
    api = own_api(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
    assert httpx.get(f"{api.url}/health").status_code == 200
