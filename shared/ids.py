"""Ids of ingests and events: time-ordered UUIDv7, made and checked here; it leaves their meaning to the callers."""

import re
import secrets
import time
import uuid
from datetime import UTC, datetime

from shared.errors import NotFound

PATTERN = r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
"""The one shape of an id, and so the only one that can become part of a path."""

_SHAPE = re.compile(PATTERN)


def new_id() -> str:
    """Return a UUIDv7 (RFC 9562, section 5.7): 48 bits of Unix milliseconds, then 74 random bits."""
    return _uuid7(time.time_ns() // 1_000_000, secrets.randbits(74))


def first_id_at(moment: datetime) -> str:
    """Return the smallest id of that millisecond, so that times can bound a range of ids; none is older than 1970."""
    return _uuid7(max(0, int(moment.timestamp() * 1000)), 0)


def moment_of(ident: str) -> datetime:
    """Return the moment (UTC, milliseconds) that is written in the id."""
    return datetime.fromtimestamp((uuid.UUID(ident).int >> 80) / 1000, tz=UTC)


def is_id(text: str) -> bool:
    """Say whether the text has the one shape that we make."""
    return _SHAPE.fullmatch(text) is not None


def parse_id(text: str) -> str:
    """Return the id if it has the one shape that we make, else raise NotFound: no such thing can exist."""
    if not is_id(text):
        raise NotFound
    return text


def _uuid7(milliseconds: int, noise: int) -> str:
    high, low = noise >> 62, noise & ((1 << 62) - 1)
    return str(uuid.UUID(int=milliseconds << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low))
