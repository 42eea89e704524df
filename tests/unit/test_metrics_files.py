"""The folder where a worker's processes meet for metrics."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

WORKER = "import sys, time; from workers.metrics_files import meet; meet(''); print(flush=True); time.sleep(60)"


@pytest.fixture
def worker(tmp_path: Path):
    started = []

    def start() -> subprocess.Popen:
        env = os.environ | {"TMPDIR": str(tmp_path)}
        process = subprocess.Popen([sys.executable, "-c", WORKER], env=env, stdout=subprocess.PIPE)
        started.append(process)
        assert process.stdout.readline() == b"\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def test_what_a_killed_worker_left_is_removed_by_the_next(worker, tmp_path: Path):
    killed = worker()
    (left_over,) = tmp_path.iterdir()
    killed.send_signal(signal.SIGKILL)
    killed.wait()

    worker()

    assert not left_over.exists()
    assert len(list(tmp_path.iterdir())) == 1


def test_the_folder_of_a_worker_that_lives_is_left_alone(worker, tmp_path: Path):
    worker()
    worker()

    assert len(list(tmp_path.iterdir())) == 2
