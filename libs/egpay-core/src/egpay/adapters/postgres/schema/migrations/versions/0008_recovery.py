"""Reconciliation tables: cursors of the search for unreported events, and its findings."""

from alembic import op

revision = "0008"
down_revision = "0007"

STATEMENTS = (
    """
    CREATE TABLE reconcile_cursors (
        sweep TEXT NOT NULL,
        since TIMESTAMPTZ NOT NULL,
        succeeded_at TIMESTAMPTZ,
        updated_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        CONSTRAINT pk_reconcile_cursors PRIMARY KEY (sweep)
    )
    """,
    """
    CREATE TABLE reconcile_findings (
        id BIGINT GENERATED ALWAYS AS IDENTITY,
        kind TEXT NOT NULL,
        event_id TEXT NOT NULL,
        type TEXT NOT NULL,
        what TEXT NOT NULL,
        occurred_at TIMESTAMPTZ NOT NULL,
        sale_id TEXT,
        found_at TIMESTAMPTZ DEFAULT now() NOT NULL,
        late_at TIMESTAMPTZ,
        CONSTRAINT pk_reconcile_findings PRIMARY KEY (id),
        CONSTRAINT uq_reconcile_findings_event_id UNIQUE (event_id),
        CONSTRAINT ck_reconcile_findings_kind CHECK (kind IN ('missed', 'late', 'rejected', 'version', 'stale'))
    )
    """,
    """
    CREATE INDEX ix_reconcile_findings_found_at ON reconcile_findings (found_at)
    """,
    """
    CREATE INDEX ix_reconcile_findings_sale_id ON reconcile_findings (sale_id) WHERE sale_id IS NOT NULL
    """,
)


def upgrade() -> None:
    """Create them."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Drop them."""
    op.drop_table("reconcile_findings")
    op.drop_table("reconcile_cursors")
