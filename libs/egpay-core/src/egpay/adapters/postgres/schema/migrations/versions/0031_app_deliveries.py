"""App deliveries: one row for each object that the product is told of; the stored access is told first."""

from alembic import op

revision = "0031"
down_revision = "0030"

TABLE = """
    CREATE TABLE app_deliveries (
        object TEXT NOT NULL,
        type TEXT NOT NULL,
        version INTEGER NOT NULL,
        message_id TEXT NOT NULL,
        payload BYTEA NOT NULL,
        waits_since TIMESTAMPTZ NOT NULL DEFAULT now(),
        next_at TIMESTAMPTZ NOT NULL DEFAULT now(),
        leased_until TIMESTAMPTZ,
        tries INTEGER NOT NULL DEFAULT 0,
        tried_at TIMESTAMPTZ,
        status INTEGER,
        reason TEXT,
        delivered_at TIMESTAMPTZ,
        created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
        updated_at TIMESTAMPTZ NOT NULL DEFAULT now(),
        CONSTRAINT pk_app_deliveries PRIMARY KEY (object)
    )
"""
DUE = "CREATE INDEX ix_app_deliveries_due ON app_deliveries (next_at) WHERE delivered_at IS NULL"
# What was stored before anything was told: the row is what the next change would tell.
ACCESS = """
    INSERT INTO app_deliveries (object, type, version, message_id, payload)
    SELECT 'access:' || organisation_id, 'access.changed', version, 'public:access:' || organisation_id || ':' || version,
        convert_to(jsonb_strip_nulls(jsonb_build_object(
            'type', 'access.changed',
            'id', 'public:access:' || organisation_id || ':' || version,
            'occurred_at', to_char(updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
            'source', 'reconcile',
            'version', version,
            'organisation_id', organisation_id,
            'access', level,
            'why', why,
            'seats', seats,
            'until', to_char(until AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
            'plan', plan
        ))::text, 'UTF8')
    FROM access
"""


def upgrade() -> None:
    """Add the table."""
    op.execute("SET LOCAL lock_timeout = '2s'")
    for statement in (TABLE, DUE, ACCESS):
        op.execute(statement)


def downgrade() -> None:
    """Drop it."""
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.drop_table("app_deliveries")
