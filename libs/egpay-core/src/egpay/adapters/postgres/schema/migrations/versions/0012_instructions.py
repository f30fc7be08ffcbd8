"""What the warehouse is told about a shipment is numbered, so that it knows the newest word from an old one."""

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Nothing was counted before."""
    op.execute("ALTER TABLE shipments ADD COLUMN revision INTEGER DEFAULT 0 NOT NULL")


def downgrade() -> None:
    """Drop it."""
    op.drop_column("shipments", "revision")
