"""Adds to the ingests their priority, and the worker slot that holds the lease; what waits and what is held apart."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_OLD = ("ix_ingests_due", ["state", "due_at"], "due_at IS NOT NULL")
_NEW = (
    ("ix_ingests_ring", ["state", "priority", "due_at", "size"], "state = 'received'"),
    ("ix_ingests_leases", ["state", "due_at"], "state = 'processing'"),
    ("ix_ingests_holders", ["state", "holder"], "state = 'processing'"),
    ("ix_ingests_missing", ["state", "id"], "why = 'stored_bytes_missing'"),
)


def upgrade() -> None:
    """Add the columns and the indexes."""
    op.add_column("ingests", sa.Column("holder", sa.Text))
    op.add_column("ingests", sa.Column("priority", sa.Integer, nullable=False, server_default="0"))
    for index in _NEW:
        _make(*index)
    op.drop_index(_OLD[0], "ingests")


def downgrade() -> None:
    """Drop them: all that waits is equal again."""
    _make(*_OLD)
    for name, _, _ in _NEW:
        op.drop_index(name, "ingests")
    op.drop_column("ingests", "priority")
    op.drop_column("ingests", "holder")


def _make(name: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, "ingests", columns, sqlite_where=where, postgresql_where=where)
