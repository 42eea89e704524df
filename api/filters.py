"""The filters of listings and of what is done to many, as FastAPI reads them; it leaves filtering to the catalog."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Query

MediaType = Annotated[str | None, Query(max_length=128)]
Sha256 = Annotated[str | None, Query(pattern="^[0-9a-f]{64}$")]
Filename = Annotated[str | None, Query(max_length=255, description="The safe name, whole")]
Since = Annotated[datetime | None, Query(description="First bytes at or after (RFC 3339)")]
Until = Annotated[datetime | None, Query(description="First bytes before (RFC 3339)")]
Sink = Annotated[str | None, Query(max_length=2048, description="A sink's name, as deliveries show it")]
Cursor = Annotated[str | None, Query(max_length=256)]
LongCursor = Annotated[str | None, Query(max_length=4096)]


def aware(moment: datetime | None) -> datetime | None:
    """Take a time without an offset as UTC."""
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment
