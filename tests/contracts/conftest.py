"""One PostgreSQL for all contract suites of a run, made when first asked for; each catalog gets its own database."""

import pytest

from tests.postgres import PostgresServer


@pytest.fixture(scope="session")
def postgres():
    with PostgresServer.running() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_url(postgres):
    return postgres.url()
