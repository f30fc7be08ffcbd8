"""What the broker lost can be told: commands are noted as done, and what was published is found by its moment."""

from alembic import op

revision = "0011"
down_revision = "0010"

KINDS = "'missed', 'late', 'rejected', 'version', 'stale'"

# Until today nobody noted which commands were carried out. Of those that went to the broker it is believed, for else
# all of them would be taken for lost.
BELIEVE = """
    INSERT INTO processed_messages (message_id)
    SELECT message_id FROM outbox WHERE subject LIKE 'billing.commands.%' AND published_at IS NOT NULL
    ON CONFLICT DO NOTHING
"""


def upgrade() -> None:
    """One kind of finding more; nobody who accepts a webhook meanwhile waits for the index."""
    _allow(f"{KINDS}, 'lost'")
    op.execute(BELIEVE)
    with op.get_context().autocommit_block():
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_outbox_published_at")  # of a try that was broken off
        op.execute("CREATE INDEX CONCURRENTLY ix_outbox_published_at ON outbox USING brin (published_at)")


def downgrade() -> None:
    """What was lost is forgotten; it was sent again."""
    op.drop_index("ix_outbox_published_at")
    op.execute("DELETE FROM reconcile_findings WHERE kind = 'lost'")
    _allow(KINDS)


def _allow(kinds: str) -> None:
    op.execute("ALTER TABLE reconcile_findings DROP CONSTRAINT ck_reconcile_findings_kind")
    op.execute(
        f"ALTER TABLE reconcile_findings ADD CONSTRAINT ck_reconcile_findings_kind CHECK (kind IN ({kinds}))"
    )
