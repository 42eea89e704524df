"""Fixtures of the system tests: the real stack, once for all of them, or a launcher of a test's own."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.system.stack import WATCHERS, Launched, launch, procfile_without


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


@pytest.fixture
def unwatched(launcher, tmp_path) -> Callable[..., Launched]:
    """Start launchers of all but what only watches: a start is sooner ready without it."""

    def start(data_dir: Path, **settings: str) -> Launched:
        return launcher(data_dir, procfile_without(WATCHERS, tmp_path / "Procfile"), **settings)

    return start
