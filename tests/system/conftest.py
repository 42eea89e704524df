"""Fixtures of the system tests: the real stack, once for all of them, or a launcher of a test's own."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.system.stack import Launched, launch


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """A DATA_DIR that doesn't exist yet."""
    return tmp_path / "data"


@pytest.fixture
def launcher() -> Iterator[Callable[..., Launched]]:
    """Start launchers, as `launch` does; what still runs at the end is stopped."""
    with ExitStack() as ending:

        def start(data_dir: Path, *arguments: str, **settings: str) -> Launched:
            launched = launch(data_dir, *arguments, **settings)
            ending.callback(launched.end)
            return launched

        yield start
