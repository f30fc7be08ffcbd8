"""Index of pending events: checkout-api, whose login may publish only these, finds them among many commands."""

from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Create it without blocking accepted webhooks."""
    with op.get_context().autocommit_block():
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_outbox_unpublished_events")  # of an interrupted try
        op.execute(
            "CREATE INDEX CONCURRENTLY ix_outbox_unpublished_events ON outbox (id)"
            " WHERE published_at IS NULL AND subject LIKE 'billing.events.%'"
        )


def downgrade() -> None:
    """Drop it."""
    op.drop_index("ix_outbox_unpublished_events", "outbox")
