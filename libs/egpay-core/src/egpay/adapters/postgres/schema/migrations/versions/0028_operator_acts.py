"""Operator's acts: recorded with who and why, entered by the inbox; what they changed of sales and shipments."""

from alembic import op

revision = "0028"
down_revision = "0027"

ACTS = """
    CREATE TABLE operator_acts (
        key TEXT NOT NULL,
        kind TEXT NOT NULL,
        subject TEXT NOT NULL,
        sale_id TEXT,
        who TEXT NOT NULL,
        why TEXT NOT NULL,
        arguments JSONB NOT NULL,
        at TIMESTAMPTZ NOT NULL,
        recorded_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        CONSTRAINT pk_operator_acts PRIMARY KEY (key)
    )
"""
INDEXES = (
    "CREATE INDEX ix_operator_acts_subject_at ON operator_acts (subject, at)",
    "CREATE INDEX ix_operator_acts_sale_id ON operator_acts (sale_id) WHERE sale_id IS NOT NULL",
)
SALES = "ALTER TABLE sales ADD COLUMN cancellation JSONB, ADD COLUMN corrected_address JSONB"
SHIPMENTS = """
    ALTER TABLE shipments ADD COLUMN person_held_at TIMESTAMPTZ, ADD COLUMN person_released_at TIMESTAMPTZ
"""

SOURCES = """
    ALTER TABLE webhook_events DROP CONSTRAINT ck_webhook_events_source,
        ADD CONSTRAINT ck_webhook_events_source CHECK (source IN ({sources}))
"""


def upgrade() -> None:
    """Add them, and let an operator be the source of an event."""
    op.execute("SET LOCAL lock_timeout = '2s'")
    sources = "'stripe', 'xero', 'warehouse', 'reconcile', 'operator'"
    for statement in (ACTS, *INDEXES, SALES, SHIPMENTS, SOURCES.format(sources=sources)):
        op.execute(statement)


def downgrade() -> None:
    """Drop them; a sale that was cancelled stays so, and an earlier release knows no operator."""
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute("DELETE FROM webhook_events WHERE source = 'operator'")
    op.execute(SOURCES.format(sources="'stripe', 'xero', 'warehouse', 'reconcile'"))
    op.drop_column("shipments", "person_released_at")
    op.drop_column("shipments", "person_held_at")
    op.drop_column("sales", "corrected_address")
    op.drop_column("sales", "cancellation")
    op.drop_table("operator_acts")
