"""Withdrawal table: what consumers declared, word for word."""

from sqlalchemy import Column, ForeignKey, Index, Table, Text

from egpay.adapters.postgres.schema.tables.columns import metadata, moment, stamp, word

withdrawals = Table(
    "withdrawals",
    metadata,
    Column("id", Text, primary_key=True),
    Column("sale_id", Text, ForeignKey("sales.id"), nullable=False),
    word("name"),
    word("email"),
    word("statement", required=False),
    moment("declared_at", required=True),
    stamp("created_at"),
    Index(None, "sale_id"),
)
"""Withdrawals: kept as long as the sale, since the time of the declaration counts in law."""
