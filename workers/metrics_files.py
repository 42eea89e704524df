"""Where a worker's processes meet for metrics: one file for each pool slot; it leaves serving to `metrics_server`.

Named by pid, as prometheus_client does, files would pile up with every child that is replaced. A new child in a slot
goes on with the slot's file, so counters neither fall nor double.
"""

import contextlib
import fcntl
import os
import shutil
import tempfile
from pathlib import Path

from billiard.process import current_process
from prometheus_client import values

_PREFIX = "hmas-metrics-"
_IN_USE = "in-use"
"""A file that the worker and its children hold locked: a kill lets go of it, a pid might come again."""


def meet(folder: str) -> None:
    """Choose the folder and the names, before any metric is declared. A fresh folder is used where none is set."""
    place = Path(folder) if folder else _fresh()
    place.mkdir(parents=True, exist_ok=True)
    for left_over in place.glob("*.db"):
        left_over.unlink()
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(place)
    values.ValueClass = values.MultiProcessValue(process_identifier=_slot)


def _fresh() -> Path:
    """Make a folder of our own, and remove those that killed workers left."""
    for left_over in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*/{_IN_USE}"):
        with contextlib.suppress(OSError):  # in use, another user's, or just being removed
            descriptor = _locked(left_over)
            shutil.rmtree(left_over.parent)
            os.close(descriptor)
    place = Path(tempfile.mkdtemp(prefix=_PREFIX))
    _locked(place / _IN_USE)
    return place


def _locked(path: Path) -> int:
    """Return a descriptor that holds the file until it is closed, here and in all children. Raise BlockingIOError."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _slot() -> str:
    """Return the pool slot's number; the parent has none."""
    return str(getattr(current_process(), "index", "parent"))
