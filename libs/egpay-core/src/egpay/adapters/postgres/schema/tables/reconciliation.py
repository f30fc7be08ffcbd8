"""Reconciliation tables: cursors of the sweeps, and their findings."""

from sqlalchemy import Column, Index, Table, Text, UniqueConstraint, text

from egpay.adapters.postgres.schema.tables.columns import metadata, moment, number, one_of, stamp, word
from egpay.ports.reconciliation import FindingKind

reconcile_cursors = Table(
    "reconcile_cursors",
    metadata,
    Column("sweep", Text, primary_key=True),
    moment("since", required=True),
    moment("succeeded_at"),
    stamp("updated_at"),
)

reconcile_findings = Table(
    "reconcile_findings",
    metadata,
    number(),
    word("kind"),
    word("event_id"),
    word("type"),
    word("what"),
    moment("occurred_at", required=True),
    word("sale_id", required=False),
    stamp("found_at"),
    moment("late_at"),
    one_of("kind", FindingKind),
    UniqueConstraint("event_id"),
    Index(None, "found_at"),
    Index(None, "sale_id", postgresql_where=text("sale_id IS NOT NULL")),
)
"""Findings: `late_at` is when the missing webhook was seen to have arrived after all."""
