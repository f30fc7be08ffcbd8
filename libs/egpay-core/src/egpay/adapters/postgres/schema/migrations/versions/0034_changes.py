"""Changes: how often a sale, its subscription and its shipment were written, for readers that wait for the next."""

from alembic import op

revision = "0034"
down_revision = "0033"

TABLES = ("sales", "subscriptions", "shipments")


def upgrade() -> None:
    """Add the counters; a release before this one leaves them as they are, and its readers wait for their timeout."""
    op.execute("SET LOCAL lock_timeout = '2s'")
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ADD COLUMN changes INTEGER NOT NULL DEFAULT 0")


def downgrade() -> None:
    """Drop them."""
    op.execute("SET LOCAL lock_timeout = '2s'")
    for table in reversed(TABLES):
        op.drop_column(table, "changes")
