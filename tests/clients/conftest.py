"""A real API behind a link that can slow down and cut, and what a sender has to send."""

import hashlib
import random
import signal
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.api.conftest import Api, api_redis, catalog  # noqa: F401  (a fixture)
from tests.clients.link import Link

MIB = 1024 * 1024
UNLIMITED = {"RATE_LIMIT": "1000000/minute", "READ_RATE_LIMIT": "1000000/minute"}


@dataclass(frozen=True)
class Site:
    """The API, and a link to it."""

    api: Api
    link: Link | None = None

    @property
    def uploads(self) -> str:
        """Where uploads are created, through the link."""
        return f"{self.link.url}/uploads"

    def receipt(self, upload: str) -> dict:
        """Return the receipt of the ingest that an upload became."""
        return httpx.get(f"{self.api.url}/ingest/{_id(upload)}").raise_for_status().json()

    def holds(self, upload: str, content: bytes) -> None:
        """Prove that an upload was received with this content."""
        receipt = self.receipt(upload)
        assert (receipt["state"], receipt["size"]) == ("received", len(content))
        assert receipt["sha256"] in {None, _digest(content)}
        kept = [path.read_bytes() for path in self.api.files() if path.name == _id(upload)]
        assert list(map(_digest, kept)) == [_digest(content)]


def _digest(content: bytes) -> str:
    """Return what a failing test can show."""
    return hashlib.sha256(content).hexdigest()


def _id(upload: str) -> str:
    return upload.rsplit("/", 1)[1]


@pytest.fixture(scope="session")
def shared_site(tmp_path_factory, catalog, api_redis):  # noqa: F811  (fixtures)
    env = {"REDIS_URL": api_redis.url, "RECEIVE_IDLE_SECONDS": "1"} | UNLIMITED
    api = Api(tmp_path_factory.mktemp("clients"), catalog, env)
    with Link.to(api.port) as link:
        api.env["PUBLIC_URL"] = link.url
        api.start()
        yield Site(api, link)
        api.stop()


@pytest.fixture
def site(shared_site):
    """The site, with a link that is well."""
    shared_site.link.well()
    return shared_site


@pytest.fixture(scope="session")
def pair(tmp_path_factory, catalog, api_redis):  # noqa: F811  (fixtures)
    """Two APIs on the same data, which tests may stop and start again; nobody is let go of for being silent."""
    folder = tmp_path_factory.mktemp("pair")
    env = {"REDIS_URL": api_redis.url, "DATA_DIR": str(folder / "data"), "RECEIVE_IDLE_SECONDS": "60"} | UNLIMITED
    apis = Api(folder / "one", catalog, env).start(), Api(folder / "other", catalog, env).start()
    yield apis
    for api in apis:
        api.stop(signal.SIGKILL)


@pytest.fixture
def one(pair) -> Api:
    """The first of them."""
    return pair[0]


@pytest.fixture
def other(pair) -> Api:
    """The second of them."""
    return pair[1]


@pytest.fixture(scope="session")
def content() -> bytes:
    """5 MiB and 1 byte."""
    return random.Random(5).randbytes(5 * MIB + 1)


@pytest.fixture
def file(tmp_path: Path, content: bytes) -> Path:
    """A file with the content."""
    path = tmp_path / "clip.bin"
    path.write_bytes(content)
    return path
