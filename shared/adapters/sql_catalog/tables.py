"""The catalog's tables and indexes; they leave making them to `migrations/`, and what they mean to `shared.ports`."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    literal_column,
)

from shared.adapters.sql_catalog.types import Id, Json, Moment, Number, Words
from shared.ingest import MISSING, SETTLED, WITHOUT_BYTES

SCHEMA = "0005"
"""The migration that this code needs; a test compares it with the newest one in `migrations/versions`."""

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

ingests = Table(
    "ingests",
    metadata,
    Column("id", Id, primary_key=True),
    Column("state", Text, nullable=False),
    Column("principal", Words, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("filename", Words, nullable=False),
    Column("original_filename", Json, nullable=False),
    Column("declared_type", Words),
    Column("size", BigInteger),
    Column("sha256", Words),
    Column("labels", Json, nullable=False),
    Column("traceparent", Words),
    Column("received_at", Moment),
    Column("completed_at", Moment),
    Column("media_type", Words),
    Column("kind", Words),
    Column("metadata", Json),
    Column("verdict", Json, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("token", BigInteger, nullable=False),
    Column("holder", Text),
    Column("priority", Integer, nullable=False, server_default="0"),
    Column("due_at", Moment),
    Column("why", Words),
    Column("quarantined_until", Moment),
    Column("overridden", Json, nullable=False, server_default="[]"),
    Column("preview", Text),
    CheckConstraint("due_at IS NOT NULL OR state NOT IN ('received', 'processing')", name="open_is_due"),
)

moves = Table(
    "moves",
    metadata,
    Column("ingest_id", Id, ForeignKey("ingests.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("before", Text),
    Column("after", Text, nullable=False),
    Column("detail", Words),
)

events = Table(
    "events",
    metadata,
    Column("sequence", Number, primary_key=True, autoincrement=False),
    Column("id", Id, nullable=False, unique=True),
    Column("ingest_id", Id, ForeignKey("ingests.id"), nullable=False),
    Column("type", Text, nullable=False),
    Column("time", Moment, nullable=False),
    Column("body", Text, nullable=False),
)

deliveries = Table(
    "deliveries",
    metadata,
    # Deferred, so that the event, whose sequence locks out all others, can be written last.
    Column("event_id", Id, ForeignKey("events.id", deferrable=True, initially="DEFERRED"), primary_key=True),
    Column("sink", Words, primary_key=True),
    Column("ingest_id", Id, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("pending_since", Moment, nullable=False),
    Column("next_attempt_at", Moment, nullable=False),
    Column("delivered_at", Moment),
    Column("last_error", Words),
    Column("token", BigInteger, nullable=False),
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("principal", Words, primary_key=True),
    Column("key", Words, primary_key=True),
    Column("ingest_id", Id, ForeignKey("ingests.id", deferrable=True, initially="DEFERRED"), nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
)

counters = Table(
    "counters",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
)

uploads = Table(
    "uploads",
    metadata,
    Column("ingest_id", Id, ForeignKey("ingests.id"), primary_key=True),
    Column("expires_at", Moment, nullable=False),
    Column("length", BigInteger),
    Column("metadata", Words, nullable=False),
    Column("concat", Words, nullable=False),
    Column("is_part", Boolean, nullable=False),
    Column("parts", Json, nullable=False),
    Column("digest", Text),
)

is_receiving = ingests.c.state == literal_column("'receiving'")
is_received = ingests.c.state == literal_column("'received'")
is_processing = ingests.c.state == literal_column("'processing'")
is_pending = deliveries.c.state == literal_column("'pending'")
is_quarantined = ingests.c.quarantined_until.is_not(None)
wants_preview = ingests.c.preview == literal_column("'wanted'")
is_rejected = ingests.c.state == literal_column("'rejected'")
keeps_bytes = ingests.c.state.not_in(sorted(WITHOUT_BYTES)) & (~is_rejected | is_quarantined)
is_settled = ingests.c.state.in_([literal_column(f"'{state}'") for state in sorted(SETTLED)])
is_noted_missing = ingests.c.why == literal_column(f"'{MISSING}'")
is_missing = is_noted_missing & is_settled
is_dead = deliveries.c.state == literal_column("'dead'")
is_undelivered = deliveries.c.state != literal_column("'delivered'")
"""Literals, because a query with a bound state cannot use a partial index: https://sqlite.org/partialindex.html"""


def _partial(name: str, *columns: Column[Any], where: ColumnElement[bool]) -> Index:
    return Index(name, *columns, sqlite_where=where, postgresql_where=where)


Index("ix_ingests_state", ingests.c.state, ingests.c.id)
Index("ix_ingests_media_type", ingests.c.media_type, ingests.c.id)
Index("ix_ingests_sha256", ingests.c.sha256, ingests.c.id)
Index("ix_ingests_filename", ingests.c.filename, ingests.c.id)
_partial("ix_ingests_leases", ingests.c.state, ingests.c.due_at, where=is_processing)
_partial("ix_ingests_holders", ingests.c.state, ingests.c.holder, where=is_processing)
_partial(
    "ix_ingests_ring",
    *(ingests.c.state, ingests.c.priority, ingests.c.due_at, ingests.c.size),
    where=is_received,
)
_partial("ix_ingests_received", ingests.c.state, ingests.c.updated_at, where=is_received)
_partial("ix_ingests_quarantined", ingests.c.id, where=is_quarantined)
_partial("ix_ingests_quarantined_until", ingests.c.quarantined_until, where=is_quarantined)
_partial("ix_ingests_missing", ingests.c.state, ingests.c.id, where=is_noted_missing)
_partial("ix_ingests_preview", ingests.c.updated_at, where=wants_preview)
Index("ix_events_ingest_id", events.c.ingest_id, events.c.sequence)
Index("ix_deliveries_ingest_id", deliveries.c.ingest_id)
_partial("ix_deliveries_due", deliveries.c.sink, deliveries.c.next_attempt_at, where=is_pending)
_partial(
    "ix_deliveries_undelivered",
    *(deliveries.c.state, deliveries.c.sink, deliveries.c.pending_since),
    where=is_undelivered,
)
Index("ix_idempotency_created_at", idempotency.c.created_at)
Index("ix_uploads_expires_at", uploads.c.expires_at)
