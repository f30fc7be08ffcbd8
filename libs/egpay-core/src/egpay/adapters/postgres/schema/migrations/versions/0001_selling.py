"""Sale tables: the catalogue, sales with their lines, and the idempotency keys of their requests."""

from alembic import op

revision = "0001"
down_revision = None

TABLES = ("products", "sales", "sale_lines", "idempotency_keys")

STATEMENTS = (
    """
    CREATE TABLE products (
        id TEXT NOT NULL,
        kind TEXT NOT NULL,
        name TEXT NOT NULL,
        description TEXT NOT NULL,
        unit_amount BIGINT NOT NULL,
        currency TEXT NOT NULL,
        interval TEXT,
        on_sale BOOLEAN DEFAULT true NOT NULL,
        position BIGINT GENERATED ALWAYS AS IDENTITY,
        created_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        updated_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        CONSTRAINT pk_products PRIMARY KEY (id),
        CONSTRAINT ck_products_kind CHECK (kind IN ('device', 'subscription')),
        CONSTRAINT ck_products_interval CHECK (interval IN ('day', 'week', 'month', 'year'))
    )
    """,
    """
    CREATE TABLE sales (
        id TEXT NOT NULL,
        status TEXT NOT NULL,
        organisation TEXT NOT NULL,
        name TEXT NOT NULL,
        email TEXT NOT NULL,
        email_key TEXT NOT NULL,
        billing_email TEXT,
        device_quantity INTEGER NOT NULL,
        plan TEXT,
        total BIGINT NOT NULL,
        currency TEXT NOT NULL,
        payment TEXT DEFAULT 'card' NOT NULL,
        ordered_billing_email TEXT,
        shipping_address JSONB,
        session_attempt INTEGER DEFAULT 1 NOT NULL,
        checkout_session_id TEXT,
        checkout_url TEXT,
        checkout_expires_at TIMESTAMPTZ,
        session_progress SMALLINT DEFAULT 0 NOT NULL,
        customer_id TEXT,
        subscription_id TEXT,
        invoice_id TEXT,
        payment_intent_id TEXT,
        paid_at TIMESTAMPTZ,
        refunded BOOLEAN DEFAULT false NOT NULL,
        cancelled BOOLEAN DEFAULT false NOT NULL,
        created_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        updated_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        CONSTRAINT pk_sales PRIMARY KEY (id),
        CONSTRAINT ck_sales_status
            CHECK (status IN ('in_progress', 'awaiting_payment', 'paid', 'expired', 'payment_failed',
            'refunded', 'cancelled')),
        CONSTRAINT ck_sales_payment CHECK (payment IN ('card', 'invoice')),
        CONSTRAINT ck_sales_session_progress CHECK (session_progress IN (0, 1, 2, 3))
    )
    """,
    """
    CREATE INDEX ix_sales_email_key ON sales (email_key)
    """,
    """
    CREATE INDEX ix_sales_invoice_id ON sales (invoice_id) WHERE invoice_id IS NOT NULL
    """,
    """
    CREATE INDEX ix_sales_payment_intent_id ON sales (payment_intent_id) WHERE payment_intent_id IS NOT NULL
    """,
    """
    CREATE INDEX ix_sales_subscription_id ON sales (subscription_id) WHERE subscription_id IS NOT NULL
    """,
    """
    CREATE TABLE sale_lines (
        sale_id TEXT NOT NULL,
        position SMALLINT NOT NULL,
        product TEXT NOT NULL,
        kind TEXT NOT NULL,
        name TEXT NOT NULL,
        quantity INTEGER NOT NULL,
        unit_amount BIGINT NOT NULL,
        currency TEXT NOT NULL,
        interval TEXT,
        CONSTRAINT pk_sale_lines PRIMARY KEY (sale_id, position),
        CONSTRAINT ck_sale_lines_kind CHECK (kind IN ('device', 'subscription')),
        CONSTRAINT ck_sale_lines_interval CHECK (interval IN ('day', 'week', 'month', 'year')),
        CONSTRAINT fk_sale_lines_sale_id_sales FOREIGN KEY (sale_id) REFERENCES sales (id) ON DELETE CASCADE
    )
    """,
    """
    CREATE TABLE idempotency_keys (
        key TEXT NOT NULL,
        request_hash BYTEA NOT NULL,
        sale_id TEXT,
        done BOOLEAN DEFAULT false NOT NULL,
        held_until TIMESTAMPTZ,
        created_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        CONSTRAINT pk_idempotency_keys PRIMARY KEY (key),
        CONSTRAINT fk_idempotency_keys_sale_id_sales
            FOREIGN KEY (sale_id) REFERENCES sales (id) ON DELETE CASCADE
    )
    """,
)


def upgrade() -> None:
    """Create them."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Drop them."""
    for table in reversed(TABLES):
        op.drop_table(table)
