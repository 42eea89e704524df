"""The storms of `test_storm.py` begin with the session and are asked for last: each waits most of its time."""

from contextlib import suppress

import pytest

from tests.faults.raging import Raging
from tests.faults.schedule import POSTGRES, SQLITE

SEEDS = {SQLITE: 1, POSTGRES: 2}
STORMS = pytest.StashKey[dict[str, Raging]]()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Begin those that a test asks for."""
    catalogs = {item.callspec.params["catalog"] for item in session.items if "storms" in item.fixturenames}
    if not session.config.option.collectonly:
        session.config.stash[STORMS] = {catalog: Raging.begun(catalog, SEEDS[catalog]) for catalog in catalogs}


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop those that still rage."""
    with suppress(KeyError):
        for storm in config.stash[STORMS].values():
            storm.close()


@pytest.fixture
def storms(request: pytest.FixtureRequest) -> dict[str, Raging]:
    """Catalog → its storm."""
    return request.config.stash[STORMS]
