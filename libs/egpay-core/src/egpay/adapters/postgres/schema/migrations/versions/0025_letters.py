"""Letters: an index by which trials that end are found."""

from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Add it."""
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute("""
        CREATE INDEX ix_subscriptions_trials ON subscriptions (current_period_end) WHERE status = 'trialing'
    """)


def downgrade() -> None:
    """Drop it."""
    op.execute("DROP INDEX ix_subscriptions_trials")
