"""Beat: stopped, killed, and started again on what is left of its schedule file."""

import os
import subprocess
import sys
from pathlib import Path
from signal import SIGKILL, SIGTERM

import pytest
from redis import Redis

from tests.redis_server import RedisServer
from tests.system.client import eventually

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def redis_server(tmp_path_factory):
    server = RedisServer(tmp_path_factory.mktemp("beat-redis"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def beat(tmp_path, redis_server):
    """Return a function that starts beat and waits until it has sent something."""
    started = []

    def start():
        with Redis.from_url(redis_server.url) as redis:
            redis.flushall()
            command = [sys.executable, "-m", "celery", "-A", "workers.celery_app", "beat", "--pidfile="]
            started.append(
                subprocess.Popen(
                    [*command, "--schedule", str(tmp_path / "schedule")],
                    cwd=ROOT,
                    env=os.environ | {"REDIS_URL": redis_server.url, "SWEEP_SECONDS": "0.2"},
                )
            )
            assert eventually(lambda: redis.llen("sweep"))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


@pytest.mark.parametrize("number", [SIGTERM, SIGKILL])
def test_beat_ends_at_once_and_starts_again_on_its_schedule(beat, number):
    first = beat()
    first.send_signal(number)
    assert first.wait(5) == (0 if number == SIGTERM else -SIGKILL)
    assert beat().poll() is None


@pytest.mark.parametrize("broken", ["empty", "cut", "garbage"])
def test_beat_starts_on_a_schedule_file_that_is_broken(beat, tmp_path, broken):
    beat().kill()
    files = list(tmp_path.glob("schedule*"))
    assert files
    for file in files:
        whole = file.read_bytes()
        file.write_bytes({"empty": b"", "cut": whole[: len(whole) // 2], "garbage": os.urandom(len(whole))}[broken])
    assert beat().poll() is None
