"""Catalogue at the provider: what a product costs there, and what a period or a trial of it is."""

from alembic import op

revision = "0019"
down_revision = "0018"

PRODUCTS = """
    ALTER TABLE products
        ADD COLUMN interval_count INTEGER NOT NULL DEFAULT 1,
        ADD COLUMN trial_days INTEGER NOT NULL DEFAULT 0,
        ADD COLUMN image TEXT
"""

PRICES = """
    CREATE TABLE prices (
        id TEXT NOT NULL,
        product TEXT NOT NULL,
        stripe_product TEXT NOT NULL,
        amount BIGINT NOT NULL,
        currency TEXT NOT NULL,
        interval TEXT,
        interval_count INTEGER NOT NULL DEFAULT 1,
        active BOOLEAN NOT NULL DEFAULT true,
        installation TEXT NOT NULL,
        replaced_at TIMESTAMPTZ,
        created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
        CONSTRAINT pk_prices PRIMARY KEY (id),
        CONSTRAINT fk_prices_product_products FOREIGN KEY (product) REFERENCES products (id),
        CONSTRAINT ck_prices_interval CHECK (interval IN ('day', 'week', 'month', 'year')),
        CONSTRAINT ck_prices_sold CHECK (active OR replaced_at IS NOT NULL)
    )
"""

SOLD = "CREATE UNIQUE INDEX uq_prices_sold ON prices (product) WHERE replaced_at IS NULL"

LINES = """
    ALTER TABLE sale_lines
        ADD COLUMN price TEXT,
        ADD COLUMN interval_count INTEGER NOT NULL DEFAULT 1,
        ADD COLUMN trial_days INTEGER NOT NULL DEFAULT 0
"""


def upgrade() -> None:
    """Add them; what is on sale renews every one interval, has no trial, and has to be synced once."""
    for statement in (PRODUCTS, PRICES, SOLD, LINES):
        op.execute(statement)


def downgrade() -> None:
    """Drop them; the prices at Stripe stay as they are, and the next sync finds them by their lookup keys."""
    op.drop_table("prices")
    for column in ("trial_days", "interval_count", "price"):
        op.drop_column("sale_lines", column)
    for column in ("image", "trial_days", "interval_count"):
        op.drop_column("products", column)
