"""One cage for each file of tests, so that what an item leaves behind would meet the next."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.corpus.examined import Bench, bench


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def place(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bench]:
    """Where the items are made and examined."""
    async with bench(tmp_path_factory.mktemp("corpus")) as ready:
        yield ready
