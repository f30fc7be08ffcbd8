"""Who accepts a webhook publishes its message from memory; the row is leased to him meanwhile."""

from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """What waits already is leased to nobody. Whoever accepts a webhook meanwhile would wait behind us, so
    behind a backup we do not wait ourselves: try again."""
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute("ALTER TABLE outbox ADD COLUMN leased_until TIMESTAMP WITH TIME ZONE")


def downgrade() -> None:
    """What is leased is published twice at the most, and recognised."""
    op.drop_column("outbox", "leased_until")
