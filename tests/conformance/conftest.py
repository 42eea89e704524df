"""A real API to hold to the specification."""

import pytest

from tests.api.conftest import Api, api_redis, catalog  # noqa: F401  (fixtures)
from tests.conformance.server import Server


@pytest.fixture(scope="session")
def server(tmp_path_factory, catalog, api_redis):  # noqa: F811  (fixtures)
    unlimited = {"RATE_LIMIT": "1000000/minute", "READ_RATE_LIMIT": "1000000/minute"}
    env = {"REDIS_URL": api_redis.url} | unlimited
    api = Api(tmp_path_factory.mktemp("conformance"), catalog, env).start()
    with Server.at(f"{api.url}/uploads") as server:
        yield server
    api.stop()
