"""Message tables: inbox (webhooks), outbox, processed messages and dead letters."""

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
    one_of("source", (source for source in Source if source is not Source.STOREFRONT)),
    one_of("disposition", Disposition),
    Index(None, "sale_id", postgresql_where=text("sale_id IS NOT NULL")),
    Index(None, "received_at", postgresql_using="brin"),
)
"""Inbox: webhooks as received, unique by source and event id.

`body` is the exact bytes, compressed with lz4 where the server can: twice the accept rate of jsonb, and no
body is refused for its content. `deliveries` counts how often the sender delivered it."""

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
    Index(
        "ix_outbox_unpublished_events",
        "id",
        postgresql_where=text("published_at IS NULL AND subject ~~ 'billing.events.%'"),
    ),
    Index(None, "published_at", postgresql_using="brin"),
)
"""Outbox: published rows stay until they are purged by age, so that the broker can be rebuilt.

Until `leased_until` only the process that wrote a row publishes it, from memory."""

processed_messages = Table(
    "processed_messages",
    metadata,
    Column("message_id", Text, primary_key=True),
    stamp("processed_at"),
    Index(None, "processed_at", postgresql_using="brin"),
)
"""Claims: events are claimed before they are processed, commands marked after they are carried out."""

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
"""Dead letters, where `failed_in` is `inbox` (not translated), `books` (our rules) or `delivery`.

`delivery` is an effect or the broker."""

retries = Table(
    "retries",
    metadata,
    Column("message_id", Text, primary_key=True),
    word("command"),
    word("sale_id", required=False),
    Column("tries", Integer, nullable=False),
    word("reason"),
    moment("first_failed_at", required=True),
    moment("failed_at", required=True),
    moment("next_at", required=True),
)
"""Commands that fail now, written on failure only: a row goes when its command is done or dead-lettered."""
