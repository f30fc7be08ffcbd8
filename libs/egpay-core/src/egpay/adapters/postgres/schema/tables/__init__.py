"""Table definitions, named so that a stranger who opens the database understands the business.

Columns of `sales`, `subscriptions`, `payments` and `shipments` are named as the fields of their structs, so
that a row is translated to a struct, and back, in one JSON step.
"""

from egpay.adapters.postgres.schema.tables.access import (
    access,
    invitations,
    memberships,
    organisations,
    owners,
    portal_links,
    users,
)
from egpay.adapters.postgres.schema.tables.acts import operator_acts
from egpay.adapters.postgres.schema.tables.app_deliveries import app_deliveries
from egpay.adapters.postgres.schema.tables.billing import (
    disputes,
    payments,
    reviews,
    shipments,
    subscriptions,
)
from egpay.adapters.postgres.schema.tables.columns import metadata
from egpay.adapters.postgres.schema.tables.customers import customers
from egpay.adapters.postgres.schema.tables.messages import (
    dead_letters,
    outbox,
    processed_messages,
    retries,
    webhook_events,
)
from egpay.adapters.postgres.schema.tables.ownership import foreign_events, installation, known_prices
from egpay.adapters.postgres.schema.tables.prices import prices
from egpay.adapters.postgres.schema.tables.rate_limits import pace, providers, questions
from egpay.adapters.postgres.schema.tables.reconciliation import reconcile_cursors, reconcile_findings
from egpay.adapters.postgres.schema.tables.records import cases, emails, idempotency_keys, timeline
from egpay.adapters.postgres.schema.tables.sales import products, sale_lines, sales
from egpay.adapters.postgres.schema.tables.withdrawals import withdrawals

__all__ = [
    "access",
    "app_deliveries",
    "cases",
    "customers",
    "dead_letters",
    "disputes",
    "emails",
    "foreign_events",
    "idempotency_keys",
    "installation",
    "invitations",
    "known_prices",
    "memberships",
    "metadata",
    "operator_acts",
    "organisations",
    "outbox",
    "owners",
    "pace",
    "payments",
    "portal_links",
    "prices",
    "processed_messages",
    "products",
    "providers",
    "questions",
    "reconcile_cursors",
    "reconcile_findings",
    "retries",
    "reviews",
    "sale_lines",
    "sales",
    "shipments",
    "subscriptions",
    "timeline",
    "users",
    "webhook_events",
    "withdrawals",
]
