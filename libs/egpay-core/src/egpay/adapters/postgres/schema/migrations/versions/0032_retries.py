"""Retries: the commands that fail now, for an operator; and an index by which refused orders are found."""

from alembic import op

revision = "0032"
down_revision = "0031"

RETRIES = """
    CREATE TABLE retries (
        message_id TEXT NOT NULL,
        command TEXT NOT NULL,
        sale_id TEXT,
        tries INTEGER NOT NULL,
        reason TEXT NOT NULL,
        first_failed_at TIMESTAMPTZ NOT NULL,
        failed_at TIMESTAMPTZ NOT NULL,
        next_at TIMESTAMPTZ NOT NULL,
        CONSTRAINT pk_retries PRIMARY KEY (message_id)
    )
"""
REFUSED = "CREATE INDEX ix_timeline_refused ON timeline (recorded_at) WHERE kind = 'checkout.refused'"


def upgrade() -> None:
    """Add them."""
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute(RETRIES)
    op.execute(REFUSED)


def downgrade() -> None:
    """Drop them."""
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.drop_index("ix_timeline_refused", "timeline")
    op.drop_table("retries")
