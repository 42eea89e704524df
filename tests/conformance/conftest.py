"""A real API to hold to the specification."""

import pytest

pytest.register_assert_rewrite("tests.conformance")

from tests.api.conftest import Api, api_redis  # noqa: E402, F401  (what it imports is rewritten too)
from tests.conformance.server import Server  # noqa: E402


@pytest.fixture(scope="session")
def server(tmp_path_factory, api_redis):  # noqa: F811  (a fixture)
    unlimited = {"RATE_LIMIT": "1000000/minute", "READ_RATE_LIMIT": "1000000/minute"}
    api = Api(tmp_path_factory.mktemp("conformance"), {"REDIS_URL": api_redis.url} | unlimited).start()
    with Server.at(f"{api.url}/uploads") as server:
        yield server
    api.stop()
