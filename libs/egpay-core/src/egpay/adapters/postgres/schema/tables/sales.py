"""Sale tables: the catalogue, sales, and sale lines with the prices of that moment."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    text,
)
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
from egpay.domain.catalogue import Interval, Kind
from egpay.domain.order import PaymentMethod
from egpay.domain.sale import SaleStatus, SessionProgress

products = Table(
    "products",
    metadata,
    Column("id", Text, primary_key=True),
    word("kind"),
    word("name"),
    word("description"),
    amount("unit_amount"),
    word("currency"),
    word("interval", required=False),
    Column("interval_count", Integer, nullable=False, server_default=text("1")),
    Column("trial_days", Integer, nullable=False, server_default=text("0")),
    word("image", required=False),
    Column("on_sale", Boolean, nullable=False, server_default=text("true")),
    Column("position", BigInteger, Identity(always=True), nullable=False),
    stamp("created_at"),
    stamp("updated_at"),
    one_of("kind", Kind),
    one_of("interval", Interval),
)
"""Catalogue: `position` is the order in which products were added."""

sales = Table(
    "sales",
    metadata,
    Column("id", Text, primary_key=True),
    word("status"),
    word("organisation"),
    word("name"),
    word("email"),
    word("email_key"),
    word("billing_email", required=False),
    Column("device_quantity", Integer, nullable=False),
    word("plan", required=False),
    amount("total"),
    word("currency"),
    word("payment", default=PaymentMethod.CARD),
    word("ordered_billing_email", required=False),
    Column("shipping_address", JSONB(none_as_null=True)),
    word("phone", required=False),
    word("locale", required=False),
    Column("order_hash", LargeBinary),
    Column("session_attempt", Integer, nullable=False, server_default=text("1")),
    word("checkout_session_id", required=False),
    word("checkout_url", required=False),
    moment("checkout_expires_at"),
    step("session_progress"),
    word("customer_id", required=False),
    word("subscription_id", required=False),
    word("invoice_id", required=False),
    word("payment_intent_id", required=False),
    Column("totals", JSONB(none_as_null=True)),
    moment("paid_at"),
    flag("refunded"),
    flag("cancelled"),
    stamp("created_at"),
    stamp("updated_at"),
    flag("another_organisation"),
    Column("organisation_id", Text, ForeignKey("organisations.id")),
    word("organisation_key", required=False),
    Column("cancellation", JSONB(none_as_null=True)),
    Column("corrected_address", JSONB(none_as_null=True)),
    Column("public_version", Integer, nullable=False, server_default=text("0")),
    Column("changes", Integer, nullable=False, server_default=text("0")),
    one_of("status", SaleStatus),
    one_of("payment", PaymentMethod),
    moment("session_ended_at"),
    one_of_steps("session_progress", SessionProgress),
    Index(None, "email_key"),
    Index("ix_sales_open_order", "order_hash", postgresql_where=text("status = 'in_progress'")),
    Index(None, "subscription_id", postgresql_where=text("subscription_id IS NOT NULL")),
    Index(None, "invoice_id", postgresql_where=text("invoice_id IS NOT NULL")),
    Index(None, "payment_intent_id", postgresql_where=text("payment_intent_id IS NOT NULL")),
)
"""Sales: `ordered_billing_email` is the order's; `billing_email` may since be typed at Checkout.

`order_hash` is the order's fingerprint, by which the same order leads to the sale that is open for it. `totals` is
what the provider took off or added to the lines: `{"discount", "shipping", "tax"}` in minor units. `organisation_key` is
the organisation's name as `fold_name` folds it, by which devices are an organisation's. `cancellation` is when a person
cancelled it, and what becomes of its money; `corrected_address` is where it goes instead, since an operator said so.
`changes` counts how often the row was written."""

sale_lines = Table(
    "sale_lines",
    metadata,
    Column("sale_id", Text, ForeignKey("sales.id", ondelete="CASCADE"), primary_key=True),
    Column("position", SmallInteger, primary_key=True, autoincrement=False),
    word("product"),
    word("kind"),
    word("name"),
    Column("quantity", Integer, nullable=False),
    amount("unit_amount"),
    word("currency"),
    word("interval", required=False),
    word("price", required=False),
    Column("interval_count", Integer, nullable=False, server_default=text("1")),
    Column("trial_days", Integer, nullable=False, server_default=text("0")),
    one_of("kind", Kind),
    one_of("interval", Interval),
)
"""Sale lines: `product` and `price` (Stripe's id) are no foreign keys, so that they stay when the catalogue changes."""
