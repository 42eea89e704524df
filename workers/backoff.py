"""Back-off: how long to wait before the next attempt; it leaves counting attempts to the catalog."""

import random
from datetime import timedelta

MAX_SECONDS = 3600.0


def backoff(attempts: int, first_seconds: float) -> timedelta:
    """Return a wait that doubles with each attempt up to an hour, less up to half of it, so that crowds spread."""
    ceiling = min(MAX_SECONDS, first_seconds * 2.0 ** min(attempts - 1, 32))
    return timedelta(seconds=ceiling * random.uniform(0.5, 1.0))
