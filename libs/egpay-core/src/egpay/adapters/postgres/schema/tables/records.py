"""Record tables: timeline, cases, sent e-mails and idempotency keys."""

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    text,
)

from egpay.adapters.postgres.schema.tables.columns import (
    amount,
    metadata,
    moment,
    number,
    one_of,
    stamp,
    word,
)
from egpay.domain.case import CaseCloser, CaseKind, CaseParty

timeline = Table(
    "timeline",
    metadata,
    number(),
    word("subject"),
    word("sale_id", required=False),
    moment("at", required=True),
    word("kind"),
    word("what"),
    word("cause", required=False),
    stamp("recorded_at"),
    Index(None, "subject"),
    Index(None, "sale_id", postgresql_where=text("sale_id IS NOT NULL")),
    Index("ix_timeline_refused", "recorded_at", postgresql_where=text("kind = 'checkout.refused'")),
)
"""Timeline: `subject` is the id that an entry is about: a sale, a subscription, an invoice."""

cases = Table(
    "cases",
    metadata,
    Column("id", Text, primary_key=True),
    word("kind"),
    word("subject"),
    word("what"),
    moment("opened_at", required=True),
    word("cause", required=False),
    word("sale_id", required=False),
    moment("closed_at"),
    word("closed_because", required=False),
    stamp("created_at"),
    word("todo"),
    amount("weight", default=0),
    Column("about", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    moment("due_by"),
    word("waits_for", default=CaseParty.US.value),
    word("closed_by", required=False),
    moment("snoozed_until"),
    word("snoozed_because", required=False),
    stamp("updated_at"),
    one_of("kind", CaseKind),
    one_of("waits_for", CaseParty),
    one_of("closed_by", CaseCloser),
    CheckConstraint("(closed_at IS NULL) = (closed_by IS NULL)", name="closed"),
    Index(None, "subject"),
    Index(None, "sale_id", postgresql_where=text("sale_id IS NOT NULL")),
    Index("ix_cases_open", "opened_at", postgresql_where=text("closed_at IS NULL")),
)
"""Cases that only a person can settle; open until their reason ends or a person closes them."""

emails = Table(
    "emails",
    metadata,
    Column("key", Text, primary_key=True),
    word("kind"),
    word("recipient"),
    word("subject"),
    word("sale_id", required=False),
    word("message_id", required=False),
    Column("attempts", Integer, nullable=False, server_default=text("1")),
    moment("claimed_until", required=True),
    moment("sent_at"),
    stamp("created_at"),
    Index(None, "sale_id", postgresql_where=text("sale_id IS NOT NULL")),
)
"""E-mail log: `sent_at` is when the mail server accepted it."""

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("key", Text, primary_key=True),
    Column("request_hash", LargeBinary, nullable=False),
    Column("sale_id", Text, ForeignKey("sales.id", ondelete="CASCADE")),
    Column("done", Boolean, nullable=False, server_default=text("false")),
    moment("held_until"),
    stamp("created_at"),
    Index(None, "created_at", postgresql_using="brin"),
)
"""Idempotency keys: a request holds one until `held_until`, which is NULL once the request is over."""
