"""Lost messages: marks commands processed, and indexes published rows by time, to find them."""

from alembic import op

revision = "0011"
down_revision = "0010"

KINDS = "'missed', 'late', 'rejected', 'version', 'stale'"

# No earlier release marked which commands were carried out. Those that went to the broker are assumed to be,
# because else all of them would count as lost.
BELIEVE = """
    INSERT INTO processed_messages (message_id)
    SELECT message_id FROM outbox WHERE subject LIKE 'billing.commands.%' AND published_at IS NOT NULL
    ON CONFLICT DO NOTHING
"""


def upgrade() -> None:
    """Allow one more kind of finding, and build the index without blocking accepted webhooks."""
    _allow(f"{KINDS}, 'lost'")
    op.execute(BELIEVE)
    with op.get_context().autocommit_block():
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_outbox_published_at")  # of an interrupted try
        op.execute("CREATE INDEX CONCURRENTLY ix_outbox_published_at ON outbox USING brin (published_at)")


def downgrade() -> None:
    """Delete findings of lost messages, which were published again."""
    op.drop_index("ix_outbox_published_at")
    op.execute("DELETE FROM reconcile_findings WHERE kind = 'lost'")
    _allow(KINDS)


def _allow(kinds: str) -> None:
    op.execute("ALTER TABLE reconcile_findings DROP CONSTRAINT ck_reconcile_findings_kind")
    op.execute(
        f"ALTER TABLE reconcile_findings ADD CONSTRAINT ck_reconcile_findings_kind CHECK (kind IN ({kinds}))"
    )
