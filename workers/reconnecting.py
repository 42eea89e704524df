"""A broker connection that comes back quickly, and outlives its loss; it leaves everything else to Celery and kombu.

Kombu's own pauses begin with 2 s and grow to 30 s, and Celery's worker and beat have no setting for them.
https://docs.celeryq.dev/projects/kombu/en/stable/reference/kombu.connection.html
"""

from typing import Any, Self

from celery.app.amqp import AMQP
from kombu.connection import Connection
from kombu.transport import redis

FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 1.0


class LostChannel(redis.Channel):
    """Channel that says it is lost, once its transport is.

    Kombu fails by an AttributeError there, and Celery's worker ends: when Redis dies in mid-task and the message is
    acknowledged or handed back afterwards. A connection error is what both expect.
    """

    def _connparams(self, *args: Any, **options: Any) -> dict[str, Any]:
        if self.connection.client is None:
            raise ConnectionError("The connection was lost.")
        parameters: dict[str, Any] = super()._connparams(*args, **options)  # type: ignore[no-untyped-call]  # kombu's
        return parameters


class LostTransport(redis.Transport):
    """Transport with such channels."""

    Channel = LostChannel


class QuickConnection(Connection):
    """Connection that tries again after at most a second."""

    def get_transport_cls(self) -> Any:
        """Return our transport in the place of kombu's for Redis."""
        chosen = super().get_transport_cls()  # type: ignore[no-untyped-call]  # kombu's
        return LostTransport if chosen is redis.Transport else chosen

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
