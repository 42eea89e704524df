"""Adds the uploads that come in parts: a row for each, as long as it is remembered."""

import time

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_ID = sa.String(36).with_variant(sa.String(36, collation="C"), "postgresql")
_ABORTED = (
    """
    INSERT INTO moves (ingest_id, number, at, "before", "after", detail)
    SELECT ingest_id, MAX(number) + 1, :now, 'receiving', 'aborted', 'downgraded' FROM moves
    WHERE ingest_id IN (SELECT id FROM ingests WHERE state = 'receiving') GROUP BY ingest_id
    """,
    """
    INSERT INTO counters (name, value) SELECT 'ingests.aborted', COUNT(*) FROM ingests WHERE state = 'receiving'
    ON CONFLICT (name) DO UPDATE SET value = counters.value + excluded.value
    """,
    "UPDATE ingests SET state = 'aborted', updated_at = :now, completed_at = :now WHERE state = 'receiving'",
)


def upgrade() -> None:
    """Make the table and its index."""
    op.create_table(
        "uploads",
        sa.Column("ingest_id", _ID, sa.ForeignKey("ingests.id"), primary_key=True),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("length", sa.BigInteger),
        sa.Column("metadata", sa.Text, nullable=False),
        sa.Column("concat", sa.Text, nullable=False),
        sa.Column("is_part", sa.Boolean, nullable=False),
        sa.Column("parts", sa.Text, nullable=False),
        sa.Column("digest", sa.Text),
    )
    op.create_index("ix_uploads_expires_at", "uploads", ["expires_at"])


def downgrade() -> None:
    """Drop it. What is still receiving could not be sent further: it is aborted, and `reconcile` removes its bytes."""
    now = time.time_ns() // 1000
    for statement in _ABORTED:
        op.execute(sa.text(statement).bindparams(now=now) if ":now" in statement else sa.text(statement))
    op.drop_table("uploads")
