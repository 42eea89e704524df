"""The whole stack, real, for every suite that asks for it."""

from collections.abc import Iterator

import pytest

from tests.system.stack import Launched, launch

pytest.register_assert_rewrite("tests.conformance")  # its assertions are no tests' own, and should tell as much


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Launched]:
    """The whole stack, ready, for tests that leave it as it was; no caller is limited."""
    launched = launch(
        tmp_path_factory.mktemp("stack") / "data",
        RATE_LIMIT="1000000/minute",
        READ_RATE_LIMIT="1000000/minute",
    )
    try:
        yield launched.ready()
    finally:
        launched.end()
