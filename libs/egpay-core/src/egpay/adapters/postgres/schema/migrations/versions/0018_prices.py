"""Catalogue at the provider: what a product costs there, and what a period or a trial of it is."""

from alembic import op

revision = "0018"
down_revision = "0016"

PRODUCTS = """
    ALTER TABLE products
        ADD COLUMN interval_count INTEGER NOT NULL DEFAULT 1,
        ADD COLUMN trial_days INTEGER NOT NULL DEFAULT 0,
        ADD COLUMN image TEXT
"""


def upgrade() -> None:
    """Add the columns; what is on sale renews every one interval and has no trial, as before."""
    op.execute(PRODUCTS)


def downgrade() -> None:
    """Drop them."""
    for column in ("image", "trial_days", "interval_count"):
        op.drop_column("products", column)
