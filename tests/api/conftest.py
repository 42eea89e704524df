"""A real API process on a free port with a real Redis and SQLite, and no workers: what it takes in stays received."""

import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests.documented import run_in_bash
from tests.redis_server import RedisServer

ROOT = Path(__file__).parents[2]

STOP_SECONDS = 45
"""One stop, while the storms kept the machine busy, took more than 15; what it waited for was not found."""


def plain_environment():
    return {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "TMPDIR"}}


def migrate(env):
    subprocess.run([sys.executable, "-m", "migrations"], cwd=ROOT, env=env, check=True, timeout=60)


@dataclass
class Api:
    """One API process; `env` may be changed before `start`. It has a copy of the catalog, an empty one."""

    folder: Path
    catalog: Path
    env: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen | None = None

    def __post_init__(self):
        with closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.data = Path(self.env.get("DATA_DIR", self.folder / "data"))
        self.log = self.folder / "api.log"
        self.env = (
            plain_environment()
            | {
                "PYTHONFAULTHANDLER": "1",
                "DATA_DIR": str(self.data),
                "PORT": str(self.port),
                "RATE_LIMIT": "100000/minute",
            }
            | self.env
        )

    def start(self):
        if "DATABASE_URL" in self.env:
            migrate(self.env)
        elif not (self.data / "catalog.db").exists():
            self.data.mkdir(parents=True, exist_ok=True)
            shutil.copy(self.catalog, self.data)
        return self.start_again()

    def start_again(self):
        """Start on data that has been migrated."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "api"], cwd=ROOT, env=self.env, stdout=log, stderr=log
            )
        self.wait()
        return self

    def wait(self, seconds=20):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.log.read_text()
            try:
                return httpx.get(f"{self.url}/health").raise_for_status()
            except httpx.TransportError:
                time.sleep(0.05)
        raise TimeoutError(self.log.read_text())

    def stop(self, signum=signal.SIGTERM):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signum)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.send_signal(signal.SIGABRT)  # it tells in its log what it waits for
                self.process.wait(STOP_SECONDS)
                raise AssertionError(self.log.read_text()) from None

    def kill(self):
        """End it without a stop in order, which takes a moment and is asked for where it matters."""
        self.process.kill()
        self.process.wait(STOP_SECONDS)

    def client(self):
        return httpx.Client(base_url=self.url, timeout=30)

    def socket(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=15)

    def files(self):
        """The stored objects, finished or not."""
        return [path for part in ("incoming", "objects") for path in (self.data / part).rglob("*") if path.is_file()]

    def rows(self, query):
        with closing(sqlite3.connect(self.data / "catalog.db")) as connection:
            return connection.execute(query).fetchall()


@pytest.fixture(scope="session")
def api_redis(tmp_path_factory):
    server = RedisServer(tmp_path_factory.mktemp("api-redis"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def catalog(tmp_path_factory):
    """An empty catalog that is up to date: making one takes a process and seconds, copying it does not."""
    folder = tmp_path_factory.mktemp("catalog")
    migrate(plain_environment() | {"DATA_DIR": str(folder)})
    return folder / "catalog.db"


@pytest.fixture(scope="session")
def shared_api(tmp_path_factory, catalog, api_redis):
    env = {"REDIS_URL": api_redis.url, "MAX_UPLOAD_BYTES": str(64 << 20), "RECEIVE_IDLE_SECONDS": "1"}
    api = Api(tmp_path_factory.mktemp("api"), catalog, env).start()
    yield api
    api.stop()


@pytest.fixture
def api(shared_api):
    """The shared API, proven afterwards to have left nothing half-written."""
    yield shared_api
    assert list((shared_api.data / "incoming").iterdir()) == []


@pytest.fixture
def client(api):
    with api.client() as client:
        yield client


@pytest.fixture(scope="session")
def uploads_api(tmp_path_factory, catalog, api_redis):
    """An API for uploads that come in parts, which tests may leave unfinished."""
    env = {"REDIS_URL": api_redis.url, "MAX_UPLOAD_BYTES": str(64 << 20), "RECEIVE_IDLE_SECONDS": "1"}
    api = Api(tmp_path_factory.mktemp("uploads"), catalog, env | {"READ_RATE_LIMIT": "100000/minute"}).start()
    yield api
    api.stop()


@pytest.fixture
def shell(uploads_api, tmp_path, request):
    """Run examples of the module's page, one after the other in one shell; the last line printed is $URL."""
    (tmp_path / "clip.mp4").write_bytes(request.module.CONTENT)

    def run(*names, **given):
        script = "\n".join([*(request.module.EXAMPLES[name] for name in names), "echo; echo $URL"])
        return run_in_bash(script, tmp_path, API=uploads_api.url, **given).strip().splitlines()

    return run


@pytest.fixture
def uploads(uploads_api):
    with uploads_api.client() as client:
        yield client


@pytest.fixture
def own_api(tmp_path, catalog, api_redis):
    """Return a function that starts an API of the test's own, with settings of its own."""
    started = []

    def start(**env):
        started.append(Api(tmp_path / str(len(started)), catalog, {"REDIS_URL": api_redis.url} | env).start())
        return started[-1]

    yield start
    for api in started:
        api.kill()
