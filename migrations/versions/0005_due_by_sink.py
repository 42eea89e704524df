"""Lets due deliveries be found sink by sink, so that the backlog of one that rests costs the others nothing."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_NAME = "ix_deliveries_due"


def upgrade() -> None:
    """Put the sink first in the index."""
    _make("sink", "next_attempt_at")


def downgrade() -> None:
    """Take it out again."""
    _make("next_attempt_at")


def _make(*columns: str) -> None:
    pending = sa.text("state = 'pending'")
    op.drop_index(_NAME, "deliveries")
    op.create_index(_NAME, "deliveries", list(columns), sqlite_where=pending, postgresql_where=pending)
