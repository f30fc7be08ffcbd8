"""Customer tables: organisations and users, subscriptions, payments and shipments."""

from alembic import op

revision = "0002"
down_revision = "0001"

TABLES = ("organisations", "users", "invitations", "subscriptions", "payments", "shipments")

STATEMENTS = (
    """
    CREATE TABLE organisations (
        id TEXT NOT NULL,
        name TEXT NOT NULL,
        created_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        updated_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        CONSTRAINT pk_organisations PRIMARY KEY (id)
    )
    """,
    """
    CREATE TABLE users (
        id TEXT NOT NULL,
        organisation_id TEXT NOT NULL,
        email TEXT NOT NULL,
        email_key TEXT NOT NULL,
        name TEXT NOT NULL,
        role TEXT NOT NULL,
        status TEXT NOT NULL,
        created_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        updated_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        CONSTRAINT pk_users PRIMARY KEY (id),
        CONSTRAINT ck_users_status CHECK (status IN ('invited', 'active')),
        CONSTRAINT uq_users_email_key UNIQUE (email_key),
        CONSTRAINT fk_users_organisation_id_organisations
            FOREIGN KEY (organisation_id) REFERENCES organisations (id)
    )
    """,
    """
    CREATE INDEX ix_users_organisation_id ON users (organisation_id)
    """,
    """
    CREATE TABLE invitations (
        token_hash BYTEA NOT NULL,
        user_id TEXT NOT NULL,
        expires_at TIMESTAMPTZ NOT NULL,
        used_at TIMESTAMPTZ,
        created_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        CONSTRAINT pk_invitations PRIMARY KEY (token_hash),
        CONSTRAINT fk_invitations_user_id_users
            FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
    )
    """,
    """
    CREATE INDEX ix_invitations_user_id ON invitations (user_id)
    """,
    """
    CREATE TABLE subscriptions (
        id TEXT NOT NULL,
        status TEXT NOT NULL,
        reported_at TIMESTAMPTZ NOT NULL,
        quantity INTEGER DEFAULT 1 NOT NULL,
        customer_id TEXT,
        current_period_end TIMESTAMPTZ,
        cancel_at TIMESTAMPTZ,
        sale_id TEXT,
        organisation_id TEXT,
        contested BOOLEAN DEFAULT false NOT NULL,
        welcomed BOOLEAN DEFAULT false NOT NULL,
        created_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        updated_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        CONSTRAINT pk_subscriptions PRIMARY KEY (id),
        CONSTRAINT ck_subscriptions_status
            CHECK (status IN ('incomplete', 'incomplete_expired', 'trialing', 'active', 'past_due',
            'canceled', 'unpaid', 'paused')),
        CONSTRAINT fk_subscriptions_organisation_id_organisations
            FOREIGN KEY (organisation_id) REFERENCES organisations (id)
    )
    """,
    """
    CREATE INDEX ix_subscriptions_organisation_id ON subscriptions (organisation_id)
        WHERE organisation_id IS NOT NULL
    """,
    """
    CREATE INDEX ix_subscriptions_sale_id ON subscriptions (sale_id) WHERE sale_id IS NOT NULL
    """,
    """
    CREATE TABLE payments (
        id TEXT NOT NULL,
        provider TEXT NOT NULL,
        sale_id TEXT,
        subscription_id TEXT,
        invoice_id TEXT,
        payment_intent_id TEXT,
        currency TEXT,
        amount BIGINT DEFAULT 0 NOT NULL,
        paid_at TIMESTAMPTZ,
        amount_refunded BIGINT DEFAULT 0 NOT NULL,
        refunded_in_full BOOLEAN DEFAULT false NOT NULL,
        dispute TEXT,
        created_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        updated_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        CONSTRAINT pk_payments PRIMARY KEY (id),
        CONSTRAINT ck_payments_dispute CHECK (dispute IN ('open', 'won', 'lost'))
    )
    """,
    """
    CREATE INDEX ix_payments_invoice_id ON payments (invoice_id) WHERE invoice_id IS NOT NULL
    """,
    """
    CREATE INDEX ix_payments_payment_intent_id ON payments (payment_intent_id)
        WHERE payment_intent_id IS NOT NULL
    """,
    """
    CREATE INDEX ix_payments_sale_id ON payments (sale_id) WHERE sale_id IS NOT NULL
    """,
    """
    CREATE TABLE shipments (
        sale_id TEXT NOT NULL,
        status TEXT NOT NULL,
        asked BOOLEAN DEFAULT false NOT NULL,
        progress SMALLINT DEFAULT 0 NOT NULL,
        held BOOLEAN DEFAULT false NOT NULL,
        cancelled BOOLEAN DEFAULT false NOT NULL,
        reason TEXT,
        carrier TEXT,
        tracking_number TEXT,
        tracking_url TEXT,
        created_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        updated_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        CONSTRAINT pk_shipments PRIMARY KEY (sale_id),
        CONSTRAINT ck_shipments_status
            CHECK (status IN ('requested', 'held', 'accepted', 'shipped', 'delivered', 'failed',
            'cancelled')),
        CONSTRAINT ck_shipments_progress CHECK (progress IN (0, 1, 2, 3, 4)),
        CONSTRAINT fk_shipments_sale_id_sales FOREIGN KEY (sale_id) REFERENCES sales (id)
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
