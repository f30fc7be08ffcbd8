"""Unknown owners, and retention of everything that grows with what strangers do."""

from alembic import op

revision = "0022"
down_revision = "0021"

AGED = {
    "webhook_events": "received_at < aged",
    "processed_messages": "processed_at < aged",
    "foreign_events": "noted_at < aged",
    "reconcile_findings": "found_at < aged",
    "idempotency_keys": "created_at < aged AND (held_until IS NULL OR held_until < now())",
    "portal_links": "requested_at < aged",
    "questions": "asked_at < aged",
}
BEFORE = ("webhook_events", "processed_messages")

# The outbox is read from its oldest rows, so that one that waits for the broker is not passed over again and again.
OUTBOX = """
        WHEN 'outbox' THEN
            DELETE FROM outbox WHERE ctid = ANY (ARRAY(
                SELECT ctid FROM outbox
                WHERE published_at < aged AND id IN (SELECT id FROM outbox ORDER BY id LIMIT most)
                FOR UPDATE SKIP LOCKED
            ));
"""
BRANCH = """
        WHEN '{table}' THEN
            DELETE FROM {table} WHERE ctid = ANY (ARRAY(
                SELECT ctid FROM {table} WHERE {condition} LIMIT most FOR UPDATE SKIP LOCKED
            ));
"""
PURGE = """
    CREATE OR REPLACE FUNCTION purge_aged(what TEXT, older_than INTERVAL, most INTEGER) RETURNS INTEGER
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $purge$
    DECLARE
        aged TIMESTAMPTZ := now() - older_than;
        purged INTEGER := 0;
    BEGIN
        IF older_than < INTERVAL '7 days' THEN
            RAISE EXCEPTION 'nothing younger than a week is purged' USING ERRCODE = 'check_violation';
        END IF;
        IF NOT pg_try_advisory_xact_lock(hashtextextended('purge', 0)) THEN
            RETURN 0;
        END IF;
        CASE what {branches}
        END CASE;
        GET DIAGNOSTICS purged = ROW_COUNT;
        RETURN purged;
    END
    $purge$
"""


def upgrade() -> None:
    """Add it all; a question that waits as a dead letter is asked again when it is replayed."""
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute("ALTER TABLE subscriptions ADD COLUMN owner_unknown BOOLEAN DEFAULT false NOT NULL")
    op.execute("CREATE INDEX ix_idempotency_keys_created_at ON idempotency_keys USING brin (created_at)")
    _purge(*AGED)


def downgrade() -> None:
    """Drop it; what was purged stays away."""
    op.execute("SET LOCAL lock_timeout = '2s'")
    _purge(*BEFORE)
    op.drop_index("ix_idempotency_keys_created_at", "idempotency_keys")
    op.drop_column("subscriptions", "owner_unknown")


def _purge(*tables: str) -> None:
    branches = (BRANCH.format(table=table, condition=AGED[table]) for table in tables)
    op.execute(PURGE.format(branches=OUTBOX + "".join(branches)))
