"""Billing tables: subscriptions, payments with their disputes and reviews, and shipments.

Events arrive in any order, so no foreign key demands that the sale is stored first, except of a shipment,
which only a stored sale requests.
"""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from egpay.adapters.postgres.schema.tables.columns import (
    amount,
    flag,
    metadata,
    moment,
    one_of,
    one_of_steps,
    stamp,
    step,
    word,
)
from egpay.domain.credits import InvoiceStatus
from egpay.domain.disputes import DisputeState
from egpay.domain.shipment import Progress, ShipmentStatus
from egpay.domain.subscription import SubscriptionStatus

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", Text, primary_key=True),
    word("status"),
    moment("reported_at", required=True),
    Column("quantity", Integer, nullable=False, server_default=text("1")),
    word("customer_id", required=False),
    moment("current_period_end"),
    moment("cancel_at"),
    word("sale_id", required=False),
    Column("organisation_id", Text, ForeignKey("organisations.id")),
    flag("contested"),
    flag("welcomed"),
    stamp("created_at"),
    stamp("updated_at"),
    flag("started"),
    flag("settled"),
    flag("adopted"),
    flag("owner_unknown"),
    word("plan", required=False),
    word("price_id", required=False),
    flag("plan_known"),
    moment("plan_reported_at"),
    flag("collection_paused"),
    moment("started_at"),
    Column("renewals", JSONB, nullable=False, server_default=text("'{}'")),
    Column("public_version", Integer, nullable=False, server_default=text("0")),
    Column("changes", Integer, nullable=False, server_default=text("0")),
    one_of("status", SubscriptionStatus),
    Index(None, "sale_id", postgresql_where=text("sale_id IS NOT NULL")),
    Index(None, "organisation_id", postgresql_where=text("organisation_id IS NOT NULL")),
    Index(None, "customer_id", postgresql_where=text("customer_id IS NOT NULL")),
    Index("ix_subscriptions_trials", "current_period_end", postgresql_where=text("status = 'trialing'")),
)

payments = Table(
    "payments",
    metadata,
    Column("id", Text, primary_key=True),
    word("provider"),
    word("sale_id", required=False),
    word("subscription_id", required=False),
    word("invoice_id", required=False),
    word("payment_intent_id", required=False),
    word("currency", required=False),
    amount("amount", default=0),
    moment("paid_at"),
    amount("amount_refunded", default=0),
    flag("refunded_in_full"),
    word("dispute", required=False),
    Column("disputes", JSONB, nullable=False, server_default=text("'{}'")),
    stamp("created_at"),
    stamp("updated_at"),
    Column("refunds", JSONB, nullable=False, server_default=text("'{}'")),
    amount("amount_lost", default=0),
    flag("gone_in_full"),
    Column("warnings", JSONB, nullable=False, server_default=text("'{}'")),
    Column("credit_notes", JSONB, nullable=False, server_default=text("'{}'")),
    word("invoice_status", required=False),
    Column("refund_requests", JSONB, nullable=False, server_default=text("'{}'")),
    one_of("invoice_status", InvoiceStatus),
    one_of("dispute", DisputeState),
    Index(None, "invoice_id", postgresql_where=text("invoice_id IS NOT NULL")),
    Index(None, "payment_intent_id", postgresql_where=text("payment_intent_id IS NOT NULL")),
    Index(None, "sale_id", postgresql_where=text("sale_id IS NOT NULL")),
    Index("ix_payments_gone_in_full", "subscription_id", postgresql_where=text("gone_in_full")),
)
"""`disputes` is what a release before 0024 reads; `amount_lost` and `gone_in_full` follow from the table `disputes`."""

disputes = Table(
    "disputes",
    metadata,
    Column("id", Text, primary_key=True),
    word("payment_id"),
    word("status"),
    moment("reported_at", required=True),
    Column("amount", BigInteger),
    word("currency", required=False),
    moment("due_by"),
    flag("took_money"),
    flag("contested"),
    flag("was_lost"),
    stamp("created_at"),
    stamp("updated_at"),
    Column("refundable", Boolean),
    Index(None, "payment_id"),
)
"""Disputes by the provider's id; `status` is the provider's word, `amount` in minor units of the charge."""

reviews = Table(
    "reviews",
    metadata,
    Column("id", Text, primary_key=True),
    word("payment_id"),
    moment("opened_at", required=True),
    moment("closed_at"),
    word("closed_reason", required=False),
    stamp("created_at"),
    stamp("updated_at"),
    Index(None, "payment_id"),
)
"""Reviews of payments by a person at the provider, open while `closed_at` is NULL."""

shipments = Table(
    "shipments",
    metadata,
    Column("sale_id", Text, ForeignKey("sales.id"), primary_key=True),
    word("status"),
    flag("asked"),
    step("progress"),
    flag("held"),
    flag("cancelled"),
    word("reason", required=False),
    word("carrier", required=False),
    word("tracking_number", required=False),
    word("tracking_url", required=False),
    stamp("created_at"),
    stamp("updated_at"),
    Column("revision", Integer, nullable=False, server_default=text("0")),
    Column("parcels", JSONB, nullable=False, server_default=text("'{}'")),
    Column("attempts", JSONB, nullable=False, server_default=text("'[]'")),
    Column("items", JSONB),
    amount("settled_refund", default=0),
    Column("misfit", JSONB),
    moment("person_held_at"),
    moment("person_released_at"),
    Column("public_version", Integer, nullable=False, server_default=text("0")),
    Column("changes", Integer, nullable=False, server_default=text("0")),
    one_of("status", ShipmentStatus),
    one_of_steps("progress", Progress),
)
