"""Disputes by id: a second one of a payment is not lost behind the verdict on the first."""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Create it."""
    op.execute("ALTER TABLE payments ADD COLUMN disputes JSONB DEFAULT '{}' NOT NULL")


def downgrade() -> None:
    """Drop it."""
    op.drop_column("payments", "disputes")
