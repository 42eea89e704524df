"""A broker connection that comes back quickly; it leaves everything else to Celery and kombu.

Kombu's own pauses begin with 2 s and grow to 30 s, and Celery's worker and beat have no setting for them.
https://docs.celeryq.dev/projects/kombu/en/stable/reference/kombu.connection.html
"""

from typing import Any, Self

from celery.app.amqp import AMQP
from kombu.connection import Connection

FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 1.0


class QuickConnection(Connection):
    """Connection that tries again after at most a second."""

    def ensure_connection(self, *args: Any, **options: Any) -> Self:
        """Connect, as kombu does, with pauses of our own."""
        pauses = {
            "interval_start": FIRST_PAUSE_SECONDS,
            "interval_step": FIRST_PAUSE_SECONDS,
            "interval_max": LONGEST_PAUSE_SECONDS,
        }
        super().ensure_connection(*args, **pauses | options)  # type: ignore[no-untyped-call]  # kombu's
        return self


class QuickAmqp(AMQP):  # type: ignore[misc]  # celery has no types
    """What Celery makes its connections with."""

    Connection = QuickConnection
