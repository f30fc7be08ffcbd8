"""Provider status: pauses that a provider asked for, and since when it refuses us."""

from alembic import op

revision = "0016"
down_revision = "0015"

PROVIDERS = """
    CREATE TABLE providers (
        name TEXT NOT NULL,
        paused_until TIMESTAMPTZ,
        pause_reason TEXT,
        refused_since TIMESTAMPTZ,
        refused_at TIMESTAMPTZ,
        refusal TEXT,
        CONSTRAINT pk_providers PRIMARY KEY (name)
    )
"""


def upgrade() -> None:
    """Create it."""
    op.execute(PROVIDERS)


def downgrade() -> None:
    """Drop it; a pause ends, and an alarm is raised again at the next refusal."""
    op.drop_table("providers")
