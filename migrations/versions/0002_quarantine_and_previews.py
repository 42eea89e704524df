"""Adds quarantine and previews to the ingests; bytes rejected before stay, in quarantine, for 30 days from now on."""

import time

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_MICROSECONDS_OF_30_DAYS = 30 * 24 * 3600 * 10**6
_PARTIAL = (
    ("ix_ingests_quarantined", ["id"], "quarantined_until IS NOT NULL"),
    ("ix_ingests_quarantined_until", ["quarantined_until"], "quarantined_until IS NOT NULL"),
    ("ix_ingests_preview", ["updated_at"], "preview = 'wanted'"),
)
_COLUMNS = ("quarantined_until", "overridden", "preview")


def upgrade() -> None:
    """Add the columns and their indexes."""
    op.add_column("ingests", sa.Column("quarantined_until", sa.BigInteger))
    op.add_column("ingests", sa.Column("overridden", sa.Text, nullable=False, server_default="[]"))
    op.add_column("ingests", sa.Column("preview", sa.Text))
    until = time.time_ns() // 1000 + _MICROSECONDS_OF_30_DAYS
    ingests = sa.table("ingests", sa.column("state"), sa.column("quarantined_until", sa.BigInteger))
    op.execute(sa.update(ingests).where(ingests.c.state == "rejected").values(quarantined_until=until))
    for name, columns, condition in _PARTIAL:
        where = sa.text(condition)
        op.create_index(name, "ingests", columns, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    """Drop them; what is in quarantine is rejected and keeps its bytes."""
    for name, _, _ in _PARTIAL:
        op.drop_index(name, "ingests")
    for column in _COLUMNS:
        op.drop_column("ingests", column)
