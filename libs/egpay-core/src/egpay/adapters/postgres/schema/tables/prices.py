"""Price table: what each product costs at the payment provider, by the provider's ids."""

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text, text

from egpay.adapters.postgres.schema.tables.columns import amount, metadata, moment, one_of, stamp, word
from egpay.domain.catalogue import Interval

prices = Table(
    "prices",
    metadata,
    Column("id", Text, primary_key=True),
    Column("product", Text, ForeignKey("products.id"), nullable=False),
    word("stripe_product"),
    amount("amount"),
    word("currency"),
    word("interval", required=False),
    Column("interval_count", Integer, nullable=False, server_default=text("1")),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    word("installation"),
    moment("replaced_at"),
    stamp("created_at"),
    one_of("interval", Interval),
    CheckConstraint("active OR replaced_at IS NOT NULL", name="sold"),
    Index("uq_prices_sold", "product", unique=True, postgresql_where=text("replaced_at IS NULL")),
)
"""Prices by Stripe's id: the one that a product is sold at has no `replaced_at`; `active` is what it is at Stripe."""
