"""Makes the first schema of the catalog; names of keys come from the naming convention in `tables`.

Types are written out, so that this page stays true when the code's types move on: moments are microseconds since 1970.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_ID = sa.String(36).with_variant(sa.String(36, collation="C"), "postgresql")


def upgrade() -> None:
    """Make all tables and indexes."""
    _make_ingests()
    _make_moves()
    _make_events()
    _make_deliveries()
    _make_idempotency()
    op.create_table(
        "counters",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("value", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    """Drop them, those that refer to others first; indexes go with their tables."""
    for table in ("counters", "idempotency", "deliveries", "events", "moves", "ingests"):
        op.drop_table(table)


def _make_ingests() -> None:
    op.create_table(
        "ingests",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("principal", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.Column("filename", sa.Text, nullable=False),
        sa.Column("original_filename", sa.Text, nullable=False),
        sa.Column("declared_type", sa.Text),
        sa.Column("size", sa.BigInteger),
        sa.Column("sha256", sa.Text),
        sa.Column("labels", sa.Text, nullable=False),
        sa.Column("traceparent", sa.Text),
        sa.Column("received_at", sa.BigInteger),
        sa.Column("completed_at", sa.BigInteger),
        sa.Column("media_type", sa.Text),
        sa.Column("kind", sa.Text),
        sa.Column("metadata", sa.Text),
        sa.Column("verdict", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("token", sa.BigInteger, nullable=False),
        sa.Column("due_at", sa.BigInteger),
        sa.Column("why", sa.Text),
        sa.CheckConstraint("due_at IS NOT NULL OR state NOT IN ('received', 'processing')", name="open_is_due"),
    )
    for column in ("state", "media_type", "sha256", "filename"):
        op.create_index(f"ix_ingests_{column}", "ingests", [column, "id"])
    _make_partial_index("ix_ingests_due", "ingests", ["state", "due_at"], "due_at IS NOT NULL")
    _make_partial_index("ix_ingests_received", "ingests", ["state", "updated_at"], "state = 'received'")


def _make_moves() -> None:
    op.create_table(
        "moves",
        sa.Column("ingest_id", _ID, sa.ForeignKey("ingests.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("before", sa.Text),
        sa.Column("after", sa.Text, nullable=False),
        sa.Column("detail", sa.Text),
    )


def _make_events() -> None:
    op.create_table(
        "events",
        sa.Column(
            "sequence",
            sa.BigInteger().with_variant(sa.Integer, "sqlite"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("id", _ID, nullable=False, unique=True),
        sa.Column("ingest_id", _ID, sa.ForeignKey("ingests.id"), nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_index("ix_events_ingest_id", "events", ["ingest_id", "sequence"])


def _make_deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column(
            "event_id",
            _ID,
            sa.ForeignKey("events.id", deferrable=True, initially="DEFERRED"),
            primary_key=True,
        ),
        sa.Column("sink", sa.Text, primary_key=True),
        sa.Column("ingest_id", _ID, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("pending_since", sa.BigInteger, nullable=False),
        sa.Column("next_attempt_at", sa.BigInteger, nullable=False),
        sa.Column("delivered_at", sa.BigInteger),
        sa.Column("last_error", sa.Text),
        sa.Column("token", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_deliveries_ingest_id", "deliveries", ["ingest_id"])
    undelivered = ["state", "sink", "pending_since"]
    _make_partial_index("ix_deliveries_due", "deliveries", ["next_attempt_at"], "state = 'pending'")
    _make_partial_index("ix_deliveries_undelivered", "deliveries", undelivered, "state != 'delivered'")


def _make_idempotency() -> None:
    op.create_table(
        "idempotency",
        sa.Column("principal", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column(
            "ingest_id",
            _ID,
            sa.ForeignKey("ingests.id", deferrable=True, initially="DEFERRED"),
            nullable=False,
        ),
        sa.Column("fingerprint", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_idempotency_created_at", "idempotency", ["created_at"])


def _make_partial_index(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
