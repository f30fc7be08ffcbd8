"""App delivery table: the newest news of each object for the product's endpoint, delivered or due."""

from sqlalchemy import Column, Index, Integer, LargeBinary, Table, Text, text

from egpay.adapters.postgres.schema.tables.columns import metadata, moment, stamp, word

app_deliveries = Table(
    "app_deliveries",
    metadata,
    Column("object", Text, primary_key=True),
    word("type"),
    Column("version", Integer, nullable=False),
    word("message_id"),
    Column("payload", LargeBinary, nullable=False),
    stamp("waits_since"),
    stamp("next_at"),
    moment("leased_until"),
    Column("tries", Integer, nullable=False, server_default=text("0")),
    moment("tried_at"),
    Column("status", Integer),
    word("reason", required=False),
    moment("delivered_at"),
    stamp("created_at"),
    stamp("updated_at"),
    Index("ix_app_deliveries_due", "next_at", postgresql_where=text("delivered_at IS NULL")),
)
"""`status` and `reason` are the last try's; `payload` is the message as it is on the broker, ids and facts only."""
