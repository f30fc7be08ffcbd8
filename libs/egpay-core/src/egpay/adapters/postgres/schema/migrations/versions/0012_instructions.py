"""Shipment revision: numbers the instructions to the warehouse, so that it can drop a stale one."""

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Add it, as 0 for existing shipments, which were not numbered."""
    op.execute("ALTER TABLE shipments ADD COLUMN revision INTEGER DEFAULT 0 NOT NULL")


def downgrade() -> None:
    """Drop it."""
    op.drop_column("shipments", "revision")
