"""Unknown owners: stores that the provider had no e-mail of an owner when it was asked."""

from alembic import op

revision = "0022"
down_revision = "0019"


def upgrade() -> None:
    """Add it; a question that waits as a dead letter is asked again when it is replayed."""
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute("ALTER TABLE subscriptions ADD COLUMN owner_unknown BOOLEAN DEFAULT false NOT NULL")


def downgrade() -> None:
    """Drop it."""
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.drop_column("subscriptions", "owner_unknown")
