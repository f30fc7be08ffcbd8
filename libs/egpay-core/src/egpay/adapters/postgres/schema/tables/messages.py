"""What came in, what still has to go out, what was worked on, and what lies aside until somebody mends it."""

from sqlalchemy import Column, Index, Integer, LargeBinary, Table, Text, UniqueConstraint, text

from egpay.adapters.postgres.schema.tables.columns import flag, metadata, moment, number, one_of, stamp, word
from egpay.domain.events import Source
from egpay.ports.inbox import Disposition

webhook_events = Table(
    "webhook_events",
    metadata,
    Column("source", Text, primary_key=True),
    Column("event_id", Text, primary_key=True),
    word("type"),
    moment("occurred_at", required=True),
    stamp("received_at"),
    word("disposition"),
    word("reason", required=False),
    word("sale_id", required=False),
    flag("livemode"),
    word("api_version", required=False),
    word("buyer_email", required=False),
    word("traceparent", required=False),
    Column("deliveries", Integer, nullable=False, server_default=text("1")),
    moment("redelivered_at"),
    Column("body", LargeBinary, nullable=False),
    one_of("source", Source),
    one_of("disposition", Disposition),
    Index(None, "sale_id", postgresql_where=text("sale_id IS NOT NULL")),
    Index(None, "received_at", postgresql_using="brin"),
)
"""`body` is the exact bytes, compressed with lz4 where the server can: twice the rate of accepting of jsonb,
and no body is refused for its content. `deliveries` counts how often the sender brought it."""

outbox = Table(
    "outbox",
    metadata,
    number(),
    word("message_id"),
    word("subject"),
    Column("payload", LargeBinary, nullable=False),
    word("traceparent", required=False),
    stamp("created_at"),
    moment("published_at"),
    moment("leased_until"),
    UniqueConstraint("message_id"),
    Index("ix_outbox_unpublished", "id", postgresql_where=text("published_at IS NULL")),
    Index(None, "published_at", postgresql_using="brin"),
)
"""Published rows stay until they are purged by age, so that the broker can be rebuilt from here. Until
`leased_until` whoever wrote a row publishes it from memory, and nobody else does."""

processed_messages = Table(
    "processed_messages",
    metadata,
    Column("message_id", Text, primary_key=True),
    stamp("processed_at"),
    Index(None, "processed_at", postgresql_using="brin"),
)
"""Events are claimed here before they are worked on, commands noted after they were carried out."""

dead_letters = Table(
    "dead_letters",
    metadata,
    number(),
    word("message_id"),
    word("subject"),
    Column("payload", LargeBinary, nullable=False),
    word("reason"),
    word("trace", default=""),
    word("failed_in"),
    Column("attempts", Integer, nullable=False, server_default=text("1")),
    stamp("created_at"),
    stamp("updated_at"),
    moment("resolved_at"),
    Index(
        "uq_dead_letters_unresolved",
        "message_id",
        unique=True,
        postgresql_where=text("resolved_at IS NULL"),
    ),
)
"""`failed_in` tells where: `inbox` (not understood), `books` (our rules) or `delivery` (an effect, the broker)."""
