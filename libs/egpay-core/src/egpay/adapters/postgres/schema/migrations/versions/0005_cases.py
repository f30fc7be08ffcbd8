"""Cases that only a person can settle, and owners of subscriptions that no sale began."""

from alembic import op

revision = "0005"
down_revision = "0004"

STATEMENTS = (
    """
    CREATE TABLE cases (
        id TEXT NOT NULL,
        kind TEXT NOT NULL,
        subject TEXT NOT NULL,
        what TEXT NOT NULL,
        opened_at TIMESTAMPTZ NOT NULL,
        cause TEXT,
        sale_id TEXT,
        closed_at TIMESTAMPTZ,
        closed_because TEXT,
        created_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        CONSTRAINT pk_cases PRIMARY KEY (id),
        CONSTRAINT ck_cases_kind CHECK (kind IN ('return', 'second_subscription', 'paid_twice'))
    )
    """,
    """
    CREATE INDEX ix_cases_open ON cases (opened_at) WHERE closed_at IS NULL
    """,
    """
    CREATE TABLE owners (
        subscription_id TEXT NOT NULL,
        organisation TEXT NOT NULL,
        name TEXT NOT NULL,
        email TEXT NOT NULL,
        email_key TEXT NOT NULL,
        created_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        updated_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        CONSTRAINT pk_owners PRIMARY KEY (subscription_id)
    )
    """,
    """
    CREATE INDEX ix_owners_email_key ON owners (email_key)
    """,
    """
    ALTER TABLE organisations ADD COLUMN source TEXT DEFAULT 'sale' NOT NULL
    """,
    """
    ALTER TABLE organisations ADD CONSTRAINT ck_organisations_source CHECK (source IN ('sale', 'external'))
    """,
)


def upgrade() -> None:
    """Create them."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Drop them."""
    op.drop_column("organisations", "source")
    op.drop_table("owners")
    op.drop_table("cases")
