"""The launcher: starting, stopping, dying and refusing, with small stand-ins for the processes of the Procfile."""

import os
import signal
import socket
import time
from functools import partial
from pathlib import Path

import httpx
import pytest

from tests.system.client import eventually
from tests.system.stack import launch

API = """
import http.server, socket

class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()

server = http.server.HTTPServer(("127.0.0.1", 0), Ready, bind_and_activate=False)
server.socket = socket.socket(fileno=3)
server.serve_forever()
"""
SETTLING_SECONDS = 10
BROOD = "sh -c 'sleep 600 & setsid sleep 601 & wait'"
"""A child in its parent's session, and one in a session of its own."""
STUBBORN = """sh -c 'trap "" TERM; while :; do sleep 1; done'"""


def procfile_in(folder, *lines):
    """Write a Procfile of an API that is ready, and more lines."""
    program, path = folder / "api.py", folder / "Procfile"
    program.write_text(API)
    path.write_text("\n".join([f"api: python {program}", *lines]))
    return f"--procfile={path}"


@pytest.fixture
def procfile(tmp_path):
    return partial(procfile_in, tmp_path)


@pytest.fixture(scope="module", autouse=True)
def settling(tmp_path_factory):
    """A launcher whose processes settle while the other tests run, and the time when they have."""
    folder = tmp_path_factory.mktemp("settling")
    launched = launch(folder / "data", procfile_in(folder, f"worker: {BROOD}"))
    try:
        launched.ready()
        yield launched, time.monotonic() + SETTLING_SECONDS
    finally:
        launched.end()


def test_a_stop_leaves_no_process_behind(launcher, data_dir, procfile):
    launched = launcher(data_dir, procfile(f"worker: {BROOD}")).ready()
    assert httpx.get(f"{launched.url}/ready").status_code == 200
    assert len(launched.pids()) > 5
    assert launched.stop() < 10
    assert launched.process.returncode == 0
    assert not launched.pids()


def test_a_process_that_ignores_the_stop_is_killed_in_time(launcher, data_dir, procfile):
    launched = launcher(data_dir, procfile(f"worker: {STUBBORN}")).ready()
    assert launched.stop() < 10
    assert launched.process.returncode == 0
    assert not launched.pids()


def test_a_launcher_that_is_killed_takes_all_with_it_and_the_next_one_starts(launcher, data_dir, procfile):
    first = launcher(data_dir, procfile(f"worker: {BROOD}")).ready()
    first.stop(signal.SIGKILL)
    assert eventually(lambda: not _answers(first.redis_url))
    second = launcher(data_dir, procfile(f"worker: {BROOD}")).ready()
    second.stop()
    assert not first.pids()


def test_redis_finds_its_data_again(launcher, data_dir, procfile):
    port = launcher(data_dir, procfile())
    assert _redis(port.ready().redis_url, "SET kept 1") == "+OK"
    port.stop()
    again = launcher(data_dir, procfile()).ready()
    assert _redis(again.redis_url, "EXISTS kept") == ":1"


def test_a_redis_whose_file_a_power_cut_has_damaged_starts_empty_and_the_file_is_kept(launcher, data_dir, procfile):
    """As the file system may leave it: zeros where the last commands were."""
    first = launcher(data_dir, procfile())
    _redis(first.ready().redis_url, "SET lost 1")
    first.stop()
    (file,) = data_dir.glob("redis/appendonlydir/*.incr.aof")
    file.write_bytes(file.read_bytes() + bytes(100))
    again = launcher(data_dir, procfile()).ready()
    assert _redis(again.redis_url, "EXISTS lost") == ":0"
    assert "Redis can't read its own files: set aside in" in again.said
    assert list(data_dir.glob("redis/unreadable-*/*.incr.aof"))


def test_a_given_redis_is_used_and_left_alone(launcher, data_dir, tmp_path, procfile):
    giver = launcher(data_dir, procfile()).ready()
    taker = launcher(tmp_path / "taker", procfile(), REDIS_URL=giver.redis_url).ready()
    assert taker.redis_url == giver.redis_url
    taker.stop()
    assert _redis(giver.redis_url, "PING") == "+PONG"


def test_a_given_redis_that_is_away_is_named(launcher, data_dir, procfile):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    launched = launcher(data_dir, procfile(), REDIS_URL=f"redis://127.0.0.1:{port}/0")
    assert launched.process.wait(timeout=20) == 1
    assert f"No Redis answers at REDIS_URL: Error 111 connecting to 127.0.0.1:{port}" in launched.said


@pytest.mark.parametrize(
    "name", ["PORT", "METRICS_PORT", "LARGE_METRICS_PORT", "NOTIFIER_METRICS_PORT", "FLOWER_PORT", "EXPORTER_PORT"]
)
def test_a_port_that_is_taken_is_named_with_its_setting(launcher, data_dir, procfile, name):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        launched = launcher(data_dir, procfile(), **{name: str(port)})
        assert launched.process.wait(timeout=20) == 1
    assert f"Port {port} on 127.0.0.1 is taken." in launched.said
    assert f"{name}={port + 1}" in launched.said
    assert not (data_dir / "logs" / "api.log").exists()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"PORT": "eighty"}, "PORT=eighty: Input should be a valid integer"),
        ({"PORT": "99999"}, "Port 99999 on 127.0.0.1 (PORT) can't be had"),
        ({"HOST": "nowhere.invalid"}, "on nowhere.invalid (PORT) can't be had"),
        ({"DATA_DIR": "/proc/nowhere"}, "DATA_DIR /proc/nowhere can't be used"),
    ],
)
def test_a_setting_that_cannot_be_is_named(launcher, data_dir, procfile, wrong, message):
    launched = launcher(data_dir, procfile(), **wrong)
    assert launched.process.wait(timeout=20) == 1
    assert message in launched.said
    assert "Traceback" not in launched.said


def test_a_second_launcher_on_the_same_data_is_refused(launcher, data_dir, procfile):
    first = launcher(data_dir, procfile()).ready()
    second = launcher(data_dir, procfile())
    assert second.process.wait(timeout=20) == 1
    assert f"Another launcher runs in {data_dir}." in second.said
    assert httpx.get(f"{first.url}/ready").status_code == 200


def test_a_process_that_ends_by_itself_ends_all_with_its_last_lines(launcher, data_dir, procfile):
    dying = "worker: sh -c 'echo the disk is on fire; sleep 1; exit 7'"
    launched = launcher(data_dir, procfile(dying, f"beat: {BROOD}"))
    assert launched.process.wait(timeout=20) == 1
    assert "worker ended (exit code 7). Its last lines:\n  the disk is on fire" in launched.said
    assert not launched.pids()


def test_a_migration_that_fails_keeps_the_rest_from_starting(launcher, data_dir, procfile):
    launched = launcher(data_dir, procfile("migrate: sh -c 'echo no such table; exit 3'"))
    assert launched.process.wait(timeout=20) == 1
    assert "migrate ended (exit code 3). Its last lines:\n  no such table" in launched.said
    assert not (data_dir / "logs" / "api.log").exists()


def test_an_exporter_that_ends_is_started_again(launcher, data_dir, procfile):
    launched = launcher(data_dir, procfile("exporter: sh -c 'echo here'")).ready()
    log = data_dir / "logs" / "exporter.log"
    until = time.monotonic() + 20
    while log.read_text().count("here") < 2:
        assert time.monotonic() < until, launched.said
        time.sleep(0.05)
    assert "exporter ended (exit code 0); all else goes on." in launched.said
    assert httpx.get(f"{launched.url}/ready").status_code == 200


def test_a_command_that_is_not_there_is_named(launcher, data_dir, procfile):
    launched = launcher(data_dir, procfile("worker: no-such-command"))
    assert launched.process.wait(timeout=20) == 1
    assert "no-such-command: No such file or directory" in launched.said


def test_a_variable_that_is_no_setting_is_named(launcher, data_dir, procfile):
    launched = launcher(data_dir, procfile("worker: echo $NO_SUCH_SETTING"))
    assert launched.process.wait(timeout=20) == 1
    assert "worker names 'NO_SUCH_SETTING', which is not a setting." in launched.said


def test_the_logs_come_to_the_terminal_where_asked(launcher, data_dir, procfile):
    launched = launcher(data_dir, procfile("worker: sh -c 'echo good morning; sleep 600'"), LOGS="1").ready()
    until = time.monotonic() + 10
    while "    worker │ good morning" not in launched.said:
        assert time.monotonic() < until, launched.said
        time.sleep(0.05)


def test_a_settled_process_that_is_killed_is_started_again(settling):
    launched, settled_at = settling
    time.sleep(max(0, settled_at - time.monotonic()))
    port = launched.redis_url.removesuffix("/0").rsplit(":", 1)[1]
    redis = next(pid for pid in launched.children() if port in _command(pid))
    os.kill(redis, signal.SIGKILL)
    assert eventually(lambda: not _answers(launched.redis_url))
    assert eventually(lambda: _answers(launched.redis_url))
    assert "redis ended (SIGKILL); all else goes on." in launched.said


def _answers(url: str) -> bool:
    try:
        return _redis(url, "PING") == "+PONG"
    except OSError:
        return False


def _command(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().decode()


def _redis(url: str, command: str) -> str:
    host, port = url.removeprefix("redis://").removesuffix("/0").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall(f"{command}\r\n".encode())
        return connection.recv(1024).decode().strip()
