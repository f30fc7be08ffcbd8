"""What all workers know of their questions to the provider: at which pace they may ask, and what was asked already."""

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
