"""Ownership: this installation's id, foreign events, first payments, memberships, and e-mail keys folded in one way."""

import sqlalchemy as sa
from alembic import op

from egpay.domain.values import email_key

revision = "0018"
down_revision = "0017"

KEYS = (("users", "id"), ("sales", "id"), ("owners", "subscription_id"))


def upgrade() -> None:
    """Add it all; what was provisioned or paid for counts as settled, and what is in the books stays ours."""
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute("""
        CREATE TABLE installation (
            id TEXT NOT NULL, since TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            adopts_since TIMESTAMP WITH TIME ZONE, CONSTRAINT pk_installation PRIMARY KEY (id)
        )
    """)
    op.execute("CREATE UNIQUE INDEX uq_installation ON installation ((true))")
    op.execute("INSERT INTO installation (id) SELECT 'inst_' || replace(gen_random_uuid()::text, '-', '')")
    op.execute("""
        CREATE TABLE known_prices (
            id TEXT NOT NULL, since TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            CONSTRAINT pk_known_prices PRIMARY KEY (id)
        )
    """)
    op.execute("""
        CREATE TABLE foreign_events (
            id TEXT NOT NULL, about TEXT[] NOT NULL, reason TEXT NOT NULL, event JSONB NOT NULL,
            noted_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            CONSTRAINT pk_foreign_events PRIMARY KEY (id)
        )
    """)
    op.execute("CREATE INDEX ix_foreign_events_about ON foreign_events USING gin (about)")
    op.execute("CREATE INDEX ix_foreign_events_noted_at ON foreign_events (noted_at)")
    for column in ("started", "settled", "adopted"):
        op.execute(f"ALTER TABLE subscriptions ADD COLUMN {column} BOOLEAN DEFAULT false NOT NULL")
    op.execute("""
        UPDATE subscriptions SET
            started = welcomed OR status IN ('active', 'trialing', 'past_due', 'unpaid', 'paused'),
            settled = welcomed OR status = 'trialing' OR EXISTS (
                SELECT FROM sales WHERE sales.id = subscriptions.sale_id AND paid_at IS NOT NULL
            )
    """)
    op.execute("""
        CREATE INDEX ix_subscriptions_customer_id ON subscriptions (customer_id) WHERE customer_id IS NOT NULL
    """)
    op.execute("""
        CREATE TABLE memberships (
            user_id TEXT NOT NULL, organisation_id TEXT NOT NULL, role TEXT NOT NULL,
            created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            CONSTRAINT pk_memberships PRIMARY KEY (user_id, organisation_id),
            CONSTRAINT fk_memberships_user_id_users FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
            CONSTRAINT fk_memberships_organisation_id_organisations
                FOREIGN KEY (organisation_id) REFERENCES organisations (id)
        )
    """)
    op.execute("CREATE INDEX ix_memberships_organisation_id ON memberships (organisation_id)")
    op.execute(
        "INSERT INTO memberships (user_id, organisation_id, role) SELECT id, organisation_id, role FROM users"
    )
    for table, key in KEYS:
        _refold(table, key)


def downgrade() -> None:
    """Drop it; folded keys stay, because an older program reads them as they are."""
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute("DROP INDEX ix_subscriptions_customer_id")
    for column in ("started", "settled", "adopted"):
        op.drop_column("subscriptions", column)
    for table in ("memberships", "foreign_events", "known_prices", "installation"):
        op.drop_table(table)


def _refold(table: str, key: str) -> None:
    """Fold the keys again; where two users would become one, both keep theirs, for an operator to merge."""
    connection = op.get_bind()
    rows = connection.execute(sa.text(f"SELECT {key}, email_key FROM {table} WHERE email_key !~ '^[ -~]*$'"))  # noqa: S608
    changed = [{"key": row[0], "folded": email_key(row[1])} for row in rows if email_key(row[1]) != row[1]]
    guard = "AND NOT EXISTS (SELECT FROM users WHERE email_key = :folded)" if table == "users" else ""
    for change in changed:
        connection.execute(
            sa.text(f"UPDATE {table} SET email_key = :folded WHERE {key} = :key {guard}"),  # noqa: S608
            change,
        )
