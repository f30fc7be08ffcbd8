"""Outbox lease: the process that accepts a webhook publishes its message from memory meanwhile."""

from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Add it, with no lease on pending rows; fails fast when a backup holds the table: try again.

    Accepting webhooks would wait behind our own wait for the lock."""
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute("ALTER TABLE outbox ADD COLUMN leased_until TIMESTAMP WITH TIME ZONE")


def downgrade() -> None:
    """Drop it; a leased message is published twice at most, and its duplicate is detected."""
    op.drop_column("outbox", "leased_until")
