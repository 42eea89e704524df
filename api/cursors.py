"""Cursors of listings: opaque, bound to their filters, checked; it leaves the listing itself to the catalog."""

import base64
import binascii
import hashlib
import uuid
from dataclasses import replace

from shared.errors import BadCursor, NotFound
from shared.ids import parse_id
from shared.ports import Listing

_SEAL_BYTES = 8


def make_cursor(last_id: str, filters: Listing) -> str:
    """Return a cursor that continues behind `last_id` under these filters."""
    raw = uuid.UUID(last_id).bytes
    return base64.urlsafe_b64encode(raw + _seal(raw, filters)).decode()


def read_cursor(cursor: str, filters: Listing) -> str:
    """Return the id to continue behind. Raise BadCursor where it was not made by us for these filters.

    The seal is no secret: any id is a harmless place to continue from. It finds mistakes.
    """
    try:
        raw = base64.b64decode(cursor.encode(), altchars=b"-_", validate=True)
        last_id = parse_id(str(uuid.UUID(bytes=raw[:16])))
    except (binascii.Error, ValueError, NotFound) as error:
        raise BadCursor from error
    if raw[16:] != _seal(raw[:16], filters):
        raise BadCursor
    return last_id


def _seal(raw: bytes, filters: Listing) -> bytes:
    plain = replace(filters, before=None, limit=0)
    return hashlib.blake2b(raw + repr(plain).encode(), digest_size=_SEAL_BYTES).digest()
