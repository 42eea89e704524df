"""Perception's sink by Redis stream: one entry for each event; it leaves reading and trimming by age to Perception."""

import asyncio

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as Disconnected
from redis.exceptions import RedisError
from redis.typing import EncodableT, FieldT

from shared.errors import Unavailable
from shared.events import Event

MAX_LENGTH = 100_000


class StreamSink:
    """PerceptionSink over a Redis stream that keeps about the last `max_length` entries."""

    resting = False

    def __init__(self, redis_url: str, key: str, timeout: float, max_length: int = MAX_LENGTH) -> None:
        self.name = f"redis-stream:{key}"
        self._key = key
        self._timeout = timeout
        self._max_length = max_length
        # An idle connection that a restart of Redis broke is found out only by using it.
        once_more = Retry(NoBackoff(), 1, supported_errors=(Disconnected,))
        self._redis = Redis.from_url(redis_url, socket_timeout=timeout, socket_connect_timeout=timeout, retry=once_more)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._redis.aclose()

    async def deliver(self, event: Event) -> None:
        """See the port."""
        try:
            async with asyncio.timeout(self._timeout):
                await self._redis.xadd(self._key, _fields(event), maxlen=self._max_length, approximate=True)
        except (RedisError, OSError, TimeoutError) as error:
            raise Unavailable("Perception's stream does not answer.") from error


def _fields(event: Event) -> dict[FieldT, EncodableT]:
    """Return the entry: what a reader may pick by, and the whole event."""
    return {
        "id": event.id,
        "type": event.type,
        "subject": event.subject,
        "sequence": event.sequence,
        "event": event.model_dump_json(),
    }
