"""Act table: what operators did, with who and why, and the arguments that no message carries."""

from sqlalchemy import Column, Index, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from egpay.adapters.postgres.schema.tables.columns import metadata, moment, stamp, word

operator_acts = Table(
    "operator_acts",
    metadata,
    Column("key", Text, primary_key=True),
    word("kind"),
    word("subject"),
    word("sale_id", required=False),
    word("who"),
    word("why"),
    Column("arguments", JSONB, nullable=False),
    moment("at", required=True),
    stamp("recorded_at"),
    Index(None, "subject", "at"),
    Index(None, "sale_id", postgresql_where=text("sale_id IS NOT NULL")),
)
"""Acts: `key` is the id of the event in `webhook_events`; an equal act has the same kind, subject and arguments."""
