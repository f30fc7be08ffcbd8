"""Rate limiter and single flight: tables shared by all workers for their requests to the provider."""

from alembic import op

revision = "0007"
down_revision = "0006"

STATEMENTS = (
    """
    CREATE TABLE pace (
        name TEXT NOT NULL,
        next_at TIMESTAMPTZ NOT NULL,
        CONSTRAINT pk_pace PRIMARY KEY (name)
    )
    """,
    """
    CREATE TABLE questions (
        subject TEXT NOT NULL,
        asked_at TIMESTAMPTZ NOT NULL,
        held_until TIMESTAMPTZ,
        CONSTRAINT pk_questions PRIMARY KEY (subject)
    )
    """,
)


def upgrade() -> None:
    """Create them."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Drop them."""
    op.drop_table("questions")
    op.drop_table("pace")
