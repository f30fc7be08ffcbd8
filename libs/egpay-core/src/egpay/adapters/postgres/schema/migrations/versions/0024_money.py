"""Money: disputes and reviews as rows, refunds by id, and what is gone; existing payments are read by the new rules."""

from alembic import op

revision = "0024"
down_revision = "0023"

TABLES = (
    """
    CREATE TABLE disputes (
        id TEXT NOT NULL, payment_id TEXT NOT NULL, status TEXT NOT NULL,
        reported_at TIMESTAMP WITH TIME ZONE NOT NULL, amount BIGINT, currency TEXT,
        due_by TIMESTAMP WITH TIME ZONE, took_money BOOLEAN DEFAULT false NOT NULL,
        contested BOOLEAN DEFAULT false NOT NULL, was_lost BOOLEAN DEFAULT false NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        CONSTRAINT pk_disputes PRIMARY KEY (id)
    )
    """,
    "CREATE INDEX ix_disputes_payment_id ON disputes (payment_id)",
    """
    CREATE TABLE reviews (
        id TEXT NOT NULL, payment_id TEXT NOT NULL, opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
        closed_at TIMESTAMP WITH TIME ZONE, closed_reason TEXT,
        created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        CONSTRAINT pk_reviews PRIMARY KEY (id)
    )
    """,
    "CREATE INDEX ix_reviews_payment_id ON reviews (payment_id)",
    "ALTER TABLE sales ADD COLUMN session_ended_at TIMESTAMP WITH TIME ZONE",
    """
    ALTER TABLE installation ADD COLUMN refund_ends_subscription TEXT DEFAULT 'ask' NOT NULL,
        ADD CONSTRAINT ck_installation_refund_ends_subscription
            CHECK (refund_ends_subscription IN ('ask', 'now', 'period_end'))
    """,
    """
    ALTER TABLE payments
        ADD COLUMN amount_lost BIGINT DEFAULT 0 NOT NULL,
        ADD COLUMN gone_in_full BOOLEAN DEFAULT false NOT NULL,
        ADD COLUMN warnings JSONB DEFAULT '{}' NOT NULL,
        ADD COLUMN credit_notes JSONB DEFAULT '{}' NOT NULL,
        ADD COLUMN invoice_status TEXT,
        ADD CONSTRAINT ck_payments_invoice_status
            CHECK (invoice_status IN ('uncollectible', 'voided', 'paid', 'paid_out_of_band'))
    """,
    "CREATE INDEX ix_payments_gone_in_full ON payments (subscription_id) WHERE gone_in_full",
)

# Its amount was not kept: NULL is the whole payment, as it was taken. The provider's next report has it.
DISPUTES = """
    INSERT INTO disputes (id, payment_id, status, reported_at, was_lost)
    SELECT told.key, payments.id, CASE told.value WHEN 'open' THEN 'needs_response' ELSE told.value END,
           payments.updated_at, told.value = 'lost'
    FROM payments, jsonb_each_text(disputes) AS told ON CONFLICT (id) DO NOTHING
"""

# When a refund was made was not kept either: without a time every total before its failure has it.
REFUNDS = """
    UPDATE payments SET refunds = (refunds - 'failed') || jsonb_build_object('known', (
        SELECT jsonb_object_agg(failed.key, jsonb_build_object(
            'amount', failed.value -> 'amount', 'status', 'failed', 'reported_at', failed.value -> 'at',
            'came_back_at', failed.value -> 'at'
        )) FROM jsonb_each(refunds -> 'failed') AS failed
    ))
    WHERE refunds -> 'failed' <> '{}'
"""
GONE = """
    UPDATE payments SET
        amount_lost = CASE WHEN lost THEN amount ELSE 0 END,
        gone_in_full = lost OR refunded_in_full OR (amount > 0 AND amount_refunded >= amount)
    FROM (
        SELECT payments.id AS name, EXISTS (
            SELECT FROM disputes WHERE payment_id = payments.id AND status = 'lost'
        ) AS lost
        FROM payments
    ) AS told
    WHERE told.name = payments.id AND (lost OR refunded_in_full OR amount_refunded > 0)
"""

DISPUTES_BACK = """
    UPDATE payments SET disputes = told.all FROM (
        SELECT payment_id, jsonb_object_agg(id, CASE
            WHEN status = 'lost' OR (status = 'prevented' AND took_money) THEN 'lost'
            WHEN status IN ('won', 'warning_closed', 'prevented') THEN 'won' ELSE 'open'
        END) AS all FROM disputes GROUP BY payment_id
    ) AS told
    WHERE told.payment_id = payments.id
"""
REFUNDS_BACK = """
    UPDATE payments SET refunds = (refunds - 'known') || jsonb_build_object('failed', coalesce((
        SELECT jsonb_object_agg(told.key, jsonb_build_object(
            'amount', told.value -> 'amount', 'at', told.value -> 'came_back_at'
        )) FROM jsonb_each(refunds -> 'known') AS told WHERE told.value ->> 'came_back_at' IS NOT NULL
    ), '{}'))
    WHERE refunds ? 'known'
"""


def upgrade() -> None:
    """Add them, and fill them from what earlier releases stored."""
    op.execute("SET LOCAL lock_timeout = '2s'")
    for statement in (*TABLES, DISPUTES, REFUNDS, GONE):
        op.execute(statement)


def downgrade() -> None:
    """Drop them; what an earlier release reads is filled from them."""
    op.execute("SET LOCAL lock_timeout = '2s'")
    for statement in (DISPUTES_BACK, REFUNDS_BACK):
        op.execute(statement)
    for column in ("invoice_status", "credit_notes", "warnings", "gone_in_full", "amount_lost"):
        op.drop_column("payments", column)
    op.drop_column("sales", "session_ended_at")
    op.drop_column("installation", "refund_ends_subscription")
    op.drop_table("reviews")
    op.drop_table("disputes")
