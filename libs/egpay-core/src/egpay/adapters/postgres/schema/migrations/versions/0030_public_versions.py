"""Public versions: what the product was told of organisations, subscriptions, sales and shipments, counted."""

from alembic import op

revision = "0030"
down_revision = "0029"

TABLES = ("organisations", "subscriptions", "sales", "shipments")


def upgrade() -> None:
    """Add the counts; of what there is nothing was told yet."""
    op.execute("SET LOCAL lock_timeout = '2s'")
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ADD COLUMN public_version INTEGER NOT NULL DEFAULT 0")


def downgrade() -> None:
    """Drop them."""
    op.execute("SET LOCAL lock_timeout = '2s'")
    for table in reversed(TABLES):
        op.drop_column(table, "public_version")
