"""Where a worker's processes meet for metrics: one file for each pool slot; it leaves serving to `metrics_server`.

Named by pid, as prometheus_client does, files would pile up with every child that is replaced. A new child in a slot
goes on with the slot's file, so counters neither fall nor double.
"""

import os
import tempfile
from pathlib import Path

from billiard.process import current_process
from prometheus_client import values


def meet(folder: str) -> None:
    """Choose the folder and the names, before any metric is declared. A fresh folder is used where none is set."""
    place = Path(folder or tempfile.mkdtemp(prefix="hmas-metrics-"))
    place.mkdir(parents=True, exist_ok=True)
    for left_over in place.glob("*.db"):
        left_over.unlink()
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(place)
    values.ValueClass = values.MultiProcessValue(process_identifier=_slot)


def _slot() -> str:
    """Return the pool slot's number; the parent has none."""
    return str(getattr(current_process(), "index", "parent"))
