"""The real processes of the Procfile under the launcher: stopped, killed, started again, and what operators look at."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

SUCCEEDED = re.compile(r'celery_task_succeeded_total\{.*name="ingest\.process".*\} [1-9]')


def test_the_stack_stops_in_time_and_finds_its_data_again(launcher, data_dir):
    first = launcher(data_dir).ready()
    assert httpx.get(f"{first.url}/ready").status_code == 200
    receipt = httpx.post(f"{first.url}/ingest", files={"file": ("note.txt", b"kept\n")}).json()
    assert first.stop() < 10
    assert first.process.returncode == 0
    assert not first.pids()

    second = launcher(data_dir).ready()
    assert _completed(f"{second.url}/ingest/{receipt['id']}")["sha256"] == receipt["sha256"]

    second.stop(signal.SIGKILL)
    _until(lambda: not second.pids())

    third = launcher(data_dir).ready()
    assert httpx.get(f"{third.url}/ingest/{receipt['id']}/content").content == b"kept\n"
    assert third.stop(signal.SIGINT) < 10
    assert not third.pids()


def test_flower_shows_nothing_without_the_password(stack):
    _until(lambda: _answers(f"{stack.flower_url}/healthcheck"))
    for path in ("/", "/tasks", "/broker", "/metrics", "/api/workers", "/api/tasks"):
        assert httpx.get(f"{stack.flower_url}{path}").status_code == 401, path
    operator = tuple(stack.settings["FLOWER_BASIC_AUTH"].split(":"))
    for path in ("/", "/metrics", "/api/tasks"):
        assert httpx.get(f"{stack.flower_url}{path}", auth=operator).status_code == 200, path


def test_flower_changes_nothing_with_the_password(stack):
    _until(lambda: _answers(f"{stack.flower_url}/healthcheck"))
    operator = tuple(stack.settings["FLOWER_BASIC_AUTH"].split(":"))
    for path in ("/api/task/async-apply/ingest.sweep", "/api/worker/shutdown/any", "/api/task/revoke/any"):
        answer = httpx.post(f"{stack.flower_url}{path}", json={"args": []}, auth=operator)
        assert (answer.status_code, answer.text) == (403, "Read only mode is enabled"), path


def test_an_operators_command_beside_the_launcher_finds_its_redis(stack):
    environ = {name: value for name, value in os.environ.items() if name != "REDIS_URL"}
    status = subprocess.run(
        [sys.executable, "-m", "operate", "status", "--json"],
        env=environ | {"DATA_DIR": str(stack.data_dir)},
        stdout=subprocess.PIPE,
        check=True,
    )
    assert json.loads(status.stdout)["redis"] == "ok"


def test_each_kind_of_worker_serves_its_metrics_and_one_takes_the_census(stack):
    httpx.post(f"{stack.url}/ingest", files={"file": ("note.txt", b"told\n")})
    urls = (stack.worker_metrics_url, stack.large_metrics_url, stack.notifier_metrics_url)
    _until(lambda: "hmas_delivery_attempts_total{" in httpx.get(stack.notifier_metrics_url).text)
    assert ["hmas_ingests{" in httpx.get(url).text for url in urls] == [True, False, False]
    assert ["hmas_cage_layer{" in httpx.get(url).text for url in urls] == [True, True, False]


def test_who_examines_nothing_has_no_process_for_it(stack):
    numbers = {name: len(stack.workers(name)) for name in ("worker", "worker-large", "notifier")}
    assert numbers == {"worker": 3, "worker-large": 2, "notifier": 3}
    assert [_offspring(stack.workers(name)) > 0 for name in numbers] == [True, True, False]


def _offspring(pids: set[int]) -> int:
    """How many children they have beside each other."""
    found = {int(child) for pid in pids for task in _children_files(pid) for child in task.read_text().split()}
    return len(found - pids)


def _children_files(pid: int) -> Iterator[Path]:
    return Path(f"/proc/{pid}/task").glob("*/children")


def test_the_exporter_counts_what_celery_does(stack):
    httpx.post(f"{stack.url}/ingest", files={"file": ("note.txt", b"counted\n")})
    _until(lambda: _answers(stack.exporter_metrics_url))
    _until(lambda: any(map(SUCCEEDED.match, httpx.get(stack.exporter_metrics_url).text.splitlines())))


def _completed(url: str) -> dict:
    _until(lambda: httpx.get(url).json()["state"] == "completed")
    return httpx.get(url).json()


def _answers(url: str) -> bool:
    try:
        return httpx.get(url).is_success
    except httpx.TransportError:
        return False


def _until(true) -> None:
    until = time.monotonic() + 30
    while not true():
        assert time.monotonic() < until
        time.sleep(0.05)
