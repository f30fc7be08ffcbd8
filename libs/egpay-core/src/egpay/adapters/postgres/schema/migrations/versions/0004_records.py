"""Record tables: the timeline of a sale, and the log of sent e-mails."""

from alembic import op

revision = "0004"
down_revision = "0003"

TABLES = ("timeline", "emails")

STATEMENTS = (
    """
    CREATE TABLE timeline (
        id BIGINT GENERATED ALWAYS AS IDENTITY,
        subject TEXT NOT NULL,
        sale_id TEXT,
        at TIMESTAMPTZ NOT NULL,
        kind TEXT NOT NULL,
        what TEXT NOT NULL,
        cause TEXT,
        recorded_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        CONSTRAINT pk_timeline PRIMARY KEY (id)
    )
    """,
    """
    CREATE INDEX ix_timeline_sale_id ON timeline (sale_id) WHERE sale_id IS NOT NULL
    """,
    """
    CREATE INDEX ix_timeline_subject ON timeline (subject)
    """,
    """
    CREATE TABLE emails (
        key TEXT NOT NULL,
        kind TEXT NOT NULL,
        recipient TEXT NOT NULL,
        subject TEXT NOT NULL,
        sale_id TEXT,
        message_id TEXT,
        attempts INTEGER DEFAULT 1 NOT NULL,
        claimed_until TIMESTAMPTZ NOT NULL,
        sent_at TIMESTAMPTZ,
        created_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        CONSTRAINT pk_emails PRIMARY KEY (key)
    )
    """,
    """
    CREATE INDEX ix_emails_sale_id ON emails (sale_id) WHERE sale_id IS NOT NULL
    """,
)


def upgrade() -> None:
    """Create them."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Drop them."""
    for table in reversed(TABLES):
        op.drop_table(table)
