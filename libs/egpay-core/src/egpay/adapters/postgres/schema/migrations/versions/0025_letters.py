"""Letters: the language of an order, and an index by which trials that end are found."""

from alembic import op

revision = "0025"
down_revision = "0019"


def upgrade() -> None:
    """Add the column; an order of before has no language, and gets the default one."""
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute("ALTER TABLE sales ADD COLUMN locale TEXT")
    op.execute("""
        CREATE INDEX ix_subscriptions_trials ON subscriptions (current_period_end) WHERE status = 'trialing'
    """)


def downgrade() -> None:
    """Drop both."""
    op.execute("DROP INDEX ix_subscriptions_trials")
    op.execute("ALTER TABLE sales DROP COLUMN locale")
