"""Withdrawals: what consumers declared about their orders, word for word, with the time."""

from alembic import op

revision = "0035"
down_revision = "0034"

TABLE = """
    CREATE TABLE withdrawals (
        id TEXT NOT NULL,
        sale_id TEXT NOT NULL,
        name TEXT NOT NULL,
        email TEXT NOT NULL,
        statement TEXT,
        declared_at TIMESTAMPTZ NOT NULL,
        created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
        CONSTRAINT pk_withdrawals PRIMARY KEY (id),
        CONSTRAINT fk_withdrawals_sale_id_sales FOREIGN KEY (sale_id) REFERENCES sales (id)
    )
"""
INDEX = "CREATE INDEX ix_withdrawals_sale_id ON withdrawals (sale_id)"


def upgrade() -> None:
    """Add the table."""
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute(TABLE)
    op.execute(INDEX)


def downgrade() -> None:
    """Drop it."""
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.drop_table("withdrawals")
