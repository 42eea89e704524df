"""The broker's transport, which neither a message that is none nor its own loss can crash; it leaves tasks to Celery.

Kombu lets pass whatever such a message raises, and the worker ends. Where the message was taken already, it is given
back on the way out, so that the next start meets it again.
"""

import logging
from collections.abc import Callable
from typing import Any

from kombu.transport import TRANSPORT_ALIASES, redis

NO_MESSAGE = (ValueError, TypeError, LookupError, AttributeError)
"""What decoding raises at content of another shape; what the connection raises is not among them."""

log = logging.getLogger(__name__)


def use() -> None:
    """Let every connection of this process to Redis be of our kind, with TLS or without."""
    TRANSPORT_ALIASES.update(dict.fromkeys(("redis", "rediss"), f"{__name__}:Transport"))


class Channel(redis.Channel):
    """Drops what cannot be decoded, with a line in the log."""

    def basic_consume(self, queue: Any, no_ack: Any, callback: Any, consumer_tag: Any, **options: Any) -> Any:
        """Consume from a queue: a message that was taken is rejected where nothing can be made of it."""
        consume: Callable[..., Any] = super().basic_consume
        return consume(queue, no_ack, _surviving(callback), consumer_tag, **options)

    def _connparams(self, *args: Any, **options: Any) -> dict[str, Any]:
        """Say that the connection is lost, once it is.

        Kombu fails by an AttributeError there, when Redis dies in mid-task and the message is acknowledged or handed
        back afterwards. A connection error is what both expect: the worker then ends in order, its tasks finished.
        """
        if self.connection.client is None:
            raise ConnectionError("The connection was lost.")
        parameters: dict[str, Any] = super()._connparams(*args, **options)  # type: ignore[no-untyped-call]  # kombu's
        return parameters

    def _brpop_read(self, **options: Any) -> bool:
        """Read one message: what has not even an envelope is already out of its list."""
        read: Callable[..., Any] = super()._brpop_read
        try:
            return bool(read(**options))
        except NO_MESSAGE as error:
            log.exception("dropped what is no message: %s", type(error).__name__)
            return True


class Transport(redis.Transport):
    """Redis, with our channel."""

    Channel = Channel


def _surviving(callback: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def call(message: Any) -> Any:
        try:
            message.headers.pop("timelimit", None)  # none of ours has one, and a bad one is met too late to be dropped
            return callback(message)
        except NO_MESSAGE as error:
            log.exception("dropped a message of which no task can be made: %s", type(error).__name__)
            if not message.acknowledged:
                message.reject()
            return None

    return call
