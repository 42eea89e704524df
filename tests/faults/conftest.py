"""A folder for each storm."""

import tempfile
from pathlib import Path

import pytest


@pytest.fixture
def storm_folder() -> Path:
    """An empty folder that PostgreSQL's own user may pass through, unlike pytest's; its logs stay."""
    folder = Path(tempfile.mkdtemp(prefix="hmas-storm-"))
    folder.chmod(0o755)
    return folder
