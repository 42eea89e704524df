"""A worker's stop has an end, however it came to it; it leaves stopping itself to Celery.

Where Redis dies in mid-task, Celery's warm shutdown may wait for ever for a result that its child has long sent.
"""

import os
import signal
import threading
import time
from typing import Any

from billiard.common import TERM_SIGNAL
from celery import bootsteps

GRACE_SECONDS = 5.0
"""For what runs. With the next one it is less than the time after which the launcher kills."""
HAND_BACK_SECONDS = 1.5
"""For the children to hand back what they have not finished."""
EXIT_CODE = 1


class BoundedStop(bootsteps.StartStopStep):  # type: ignore[misc]  # celery has no types
    """Closed before the pool: from then on the time runs."""

    requires = ("celery.worker.components:Pool",)

    def close(self, worker: Any) -> None:
        """Begin to count; a process that ends in time takes the thread along."""
        threading.Thread(target=_end, args=(worker,), daemon=True).start()

    stop = terminate = close


def _end(worker: Any) -> None:
    time.sleep(GRACE_SECONDS)
    children = [child.pid for child in worker.pool._pool._pool]  # noqa: SLF001  (Celery's own way to its processes)
    _signal_all(children, TERM_SIGNAL)
    time.sleep(HAND_BACK_SECONDS)
    _signal_all(children, signal.SIGKILL)
    os._exit(EXIT_CODE)


def _signal_all(pids: list[int], number: int) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue
