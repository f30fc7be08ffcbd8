"""Retention: a function purges expired rows only, in place of a privilege to delete."""

from alembic import op

revision = "0010"
down_revision = "0009"

PURGE = """
    CREATE FUNCTION purge_aged(what TEXT, older_than INTERVAL, most INTEGER) RETURNS INTEGER
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
        CASE what
        WHEN 'webhook_events' THEN
            DELETE FROM webhook_events WHERE ctid = ANY (ARRAY(
                SELECT ctid FROM webhook_events WHERE received_at < aged LIMIT most FOR UPDATE SKIP LOCKED
            ));
        WHEN 'outbox' THEN
            DELETE FROM outbox WHERE ctid = ANY (ARRAY(
                SELECT ctid FROM outbox
                WHERE published_at < aged AND id IN (SELECT id FROM outbox ORDER BY id LIMIT most)
                FOR UPDATE SKIP LOCKED
            ));
        WHEN 'processed_messages' THEN
            DELETE FROM processed_messages WHERE ctid = ANY (ARRAY(
                SELECT ctid FROM processed_messages WHERE processed_at < aged LIMIT most FOR UPDATE SKIP LOCKED
            ));
        END CASE;
        GET DIAGNOSTICS purged = ROW_COUNT;
        RETURN purged;
    END
    $purge$
"""


def upgrade() -> None:
    """Create it, granted to no role yet."""
    op.execute(
        "CREATE INDEX ix_processed_messages_processed_at ON processed_messages USING brin (processed_at)"
    )
    op.execute(PURGE)
    op.execute("REVOKE EXECUTE ON FUNCTION purge_aged(TEXT, INTERVAL, INTEGER) FROM PUBLIC")


def downgrade() -> None:
    """Drop it."""
    op.execute("DROP FUNCTION purge_aged(TEXT, INTERVAL, INTEGER)")
    op.drop_index("ix_processed_messages_processed_at")
