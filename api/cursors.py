"""Cursors of listings: opaque, bound to their filters, checked; it leaves the listing itself to the catalog."""

import base64
import binascii
import hashlib
import json
import uuid
from dataclasses import replace
from datetime import UTC, datetime

from shared.errors import BadCursor, NotFound
from shared.events import Delivery
from shared.ids import parse_id
from shared.ports import Listing, Undelivered

_SEAL_BYTES = 8


def make_cursor(last_id: str, filters: Listing) -> str:
    """Return a cursor that continues behind `last_id` under these filters."""
    return _encoded(uuid.UUID(last_id).bytes, replace(filters, before=None, limit=0))


def read_cursor(cursor: str, filters: Listing) -> str:
    """Return the id to continue behind. Raise BadCursor where it was not made by us for these filters.

    The seal is no secret: any id is a harmless place to continue from. It finds mistakes.
    """
    raw = _decoded(cursor, replace(filters, before=None, limit=0))
    try:
        return parse_id(str(uuid.UUID(bytes=raw)))
    except (ValueError, NotFound) as error:
        raise BadCursor from error


def make_delivery_cursor(last: Delivery, filters: Undelivered) -> str:
    """Return a cursor that continues behind the delivery under these filters."""
    place = (last.sink, last.pending_since.isoformat(), last.event_id)
    return _encoded(json.dumps(place).encode(), replace(filters, after=None, limit=0))


def read_delivery_cursor(cursor: str, filters: Undelivered) -> tuple[str, datetime, str]:
    """Return the delivery to continue behind. Raise BadCursor where it was not made by us for these filters."""
    raw = _decoded(cursor, replace(filters, after=None, limit=0))
    try:
        sink, pending_since, event_id = map(str, json.loads(raw))
        return sink, datetime.fromisoformat(pending_since).astimezone(UTC), parse_id(event_id)
    except (TypeError, ValueError, OverflowError, NotFound) as error:
        raise BadCursor from error


def _encoded(raw: bytes, filters: Listing | Undelivered) -> str:
    return base64.urlsafe_b64encode(raw + _seal(raw, filters)).decode()


def _decoded(cursor: str, filters: Listing | Undelivered) -> bytes:
    try:
        sealed = base64.b64decode(cursor.encode(), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadCursor from error
    raw, seal = sealed[:-_SEAL_BYTES], sealed[-_SEAL_BYTES:]
    if seal != _seal(raw, filters):
        raise BadCursor
    return raw


def _seal(raw: bytes, filters: Listing | Undelivered) -> bytes:
    return hashlib.blake2b(raw + repr(filters).encode(), digest_size=_SEAL_BYTES).digest()
