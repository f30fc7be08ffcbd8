"""Billing tables: subscriptions, payments and shipments.

Events arrive in any order, so no foreign key demands that the sale is stored first, except of a shipment,
which only a stored sale requests.
"""

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text, text
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
from egpay.domain.payment import Dispute
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
    one_of("status", SubscriptionStatus),
    Index(None, "sale_id", postgresql_where=text("sale_id IS NOT NULL")),
    Index(None, "organisation_id", postgresql_where=text("organisation_id IS NOT NULL")),
    Index(None, "customer_id", postgresql_where=text("customer_id IS NOT NULL")),
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
    one_of("dispute", Dispute),
    Index(None, "invoice_id", postgresql_where=text("invoice_id IS NOT NULL")),
    Index(None, "payment_intent_id", postgresql_where=text("payment_intent_id IS NOT NULL")),
    Index(None, "sale_id", postgresql_where=text("sale_id IS NOT NULL")),
)

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
    one_of("status", ShipmentStatus),
    one_of_steps("progress", Progress),
)
