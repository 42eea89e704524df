"""Clients in JavaScript: installed beside their scripts where Node is there, and run as processes."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, NoReturn

import pytest

FOLDER = Path(__file__).parent / "node"
INSTALLED = FOLDER / "node_modules" / ".package-lock.json"
SECONDS = 60


def installed() -> None:
    """Install what the lock file names. Where that cannot be, skip the test; in CI, fail it."""
    if not (shutil.which("node") and shutil.which("npm")):
        _missing("Node.js isn't here")
    if not INSTALLED.exists() or INSTALLED.stat().st_mtime < (FOLDER / "package-lock.json").stat().st_mtime:
        command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
        done = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, timeout=SECONDS, check=False)
        if done.returncode:
            _missing(f"npm could not install the clients: {done.stderr}")


def run(script: str, **options: Any) -> dict[str, Any]:
    """Run a script with these options; return what it says of the outcome."""
    command = ["node", script, json.dumps(options)]
    done = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def _missing(reason: str) -> NoReturn:
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
