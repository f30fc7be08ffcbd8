"""Ownership tables: this installation, what the catalogue knows, and the foreign events that are set aside."""

from sqlalchemy import Column, Index, Integer, Table, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from egpay.adapters.postgres.schema.tables.columns import metadata, moment, one_of, stamp, word
from egpay.domain.foreign import PartRefund, RefundEnds

installation = Table(
    "installation",
    metadata,
    Column("id", Text, primary_key=True),
    stamp("since"),
    moment("adopts_since"),
    word("refund_ends_subscription", default="ask"),
    word("part_refund", default="hold"),
    one_of("refund_ends_subscription", RefundEnds),
    one_of("part_refund", PartRefund),
    Column("access_grace_days", Integer, nullable=False, server_default=text("14")),
    Index("uq_installation", text("(true)"), unique=True),
)
"""One row. `adopts_since`: since when every subscription of the account is ours, NULL while the catalogue decides.

The worker stores `refund_ends_subscription`, `part_refund` and `access_grace_days` at its start, because rules
read only the books."""

known_prices = Table(
    "known_prices",
    metadata,
    Column("id", Text, primary_key=True),
    stamp("since"),
    word("product", required=False),
)
"""Prices and products at the provider that are our catalogue's, by the provider's ids: since when, and which product."""

foreign_events = Table(
    "foreign_events",
    metadata,
    Column("id", Text, primary_key=True),
    Column("about", ARRAY(Text), nullable=False),
    word("reason"),
    Column("event", JSONB, nullable=False),
    stamp("noted_at"),
    Index(None, "about", postgresql_using="gin"),
    Index(None, "noted_at"),
)
"""Events of other products on the account, by the ids they name; judged again when one of them becomes ours."""
