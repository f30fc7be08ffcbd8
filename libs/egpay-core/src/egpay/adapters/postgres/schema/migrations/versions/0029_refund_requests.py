"""Refund requests: what an operator asked to give back, by act; whether a disputed charge can still be refunded."""

from alembic import op

revision = "0029"
down_revision = "0028"

REQUESTS = "ALTER TABLE payments ADD COLUMN refund_requests JSONB DEFAULT '{}' NOT NULL"
REFUNDABLE = "ALTER TABLE disputes ADD COLUMN refundable BOOLEAN"


def upgrade() -> None:
    """Add both; of a dispute that was reported before it is not known, and its status says it."""
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute(REQUESTS)
    op.execute(REFUNDABLE)


def downgrade() -> None:
    """Drop both; what waits for the provider is then only on the timeline."""
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.drop_column("disputes", "refundable")
    op.drop_column("payments", "refund_requests")
