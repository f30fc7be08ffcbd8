"""Customers at the provider: one for each order; and the buyer's phone and language, and a session's totals."""

from alembic import op

revision = "0020"
down_revision = "0019"

CUSTOMERS = """
    CREATE TABLE customers (
        id TEXT NOT NULL,
        provider TEXT NOT NULL DEFAULT 'stripe',
        organisation_id TEXT,
        sale_id TEXT,
        created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
        used_at TIMESTAMPTZ NOT NULL DEFAULT now(),
        kept BOOLEAN NOT NULL DEFAULT false,
        given_up_at TIMESTAMPTZ,
        deleted_at TIMESTAMPTZ,
        CONSTRAINT pk_customers PRIMARY KEY (id),
        CONSTRAINT fk_customers_organisation_id_organisations
            FOREIGN KEY (organisation_id) REFERENCES organisations (id),
        CONSTRAINT fk_customers_sale_id_sales FOREIGN KEY (sale_id) REFERENCES sales (id),
        CONSTRAINT ck_customers_deleted CHECK (deleted_at IS NULL OR given_up_at IS NOT NULL)
    )
"""

INDEXES = (
    "CREATE INDEX ix_customers_sale_id ON customers (sale_id)",
    "CREATE INDEX ix_customers_organisation_id ON customers (organisation_id) WHERE organisation_id IS NOT NULL",
    "CREATE INDEX ix_customers_used_at ON customers (used_at) WHERE given_up_at IS NULL AND NOT kept",
    "CREATE INDEX ix_customers_given_up_at ON customers (given_up_at)"
    " WHERE given_up_at IS NOT NULL AND deleted_at IS NULL",
)

SALES = "ALTER TABLE sales ADD COLUMN phone TEXT, ADD COLUMN locale TEXT, ADD COLUMN totals JSONB"


def upgrade() -> None:
    """Add them; Checkout made the Customers of older sales, which the sales name, and they stay at Stripe."""
    op.execute("SET LOCAL lock_timeout = '2s'")
    for statement in (SALES, CUSTOMERS, *INDEXES):
        op.execute(statement)


def downgrade() -> None:
    """Drop them; the Customers stay at Stripe, and unpaid ones have to be deleted there by hand."""
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.drop_table("customers")
    for column in ("totals", "locale", "phone"):
        op.drop_column("sales", column)
