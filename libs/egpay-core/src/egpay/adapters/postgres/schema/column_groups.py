"""Column groups: the privileges that several rows of the rights table share, by column."""

import msgspec

from egpay.adapters.postgres.books.loading import fields
from egpay.adapters.postgres.books.saving import SALE_FACTS
from egpay.domain.timeline import Entry


def updatable(kind: type[msgspec.Struct]) -> str:
    """All columns of a record to read, to add and to change."""
    return f"SELECT ({fields(kind)}), INSERT ({fields(kind)}), UPDATE ({fields(kind)}, updated_at)"


def counted(kind: type[msgspec.Struct]) -> str:
    """The same of a record that counts its changes, in the statement that changes it."""
    return f"{updatable(kind)}, SELECT (changes), UPDATE (changes)"


ORDER = "payment, ordered_billing_email, shipping_address, phone, locale"
PAGE = (
    "status, session_attempt, session_progress, session_ended_at, checkout_session_id, checkout_url,"
    " checkout_expires_at, changes, updated_at"
)
FACTS = ", ".join((*SALE_FACTS, "changes", "updated_at"))
WEBHOOK = "type, occurred_at, disposition, reason, sale_id, livemode, api_version, buyer_email, traceparent"
RECEIVE = f"INSERT (source, event_id, {WEBHOOK}, body)"
SEND = (
    "SELECT, INSERT (message_id, subject, payload, traceparent, leased_until),"
    " UPDATE (published_at, leased_until)"
)
NEWS = "object, type, version, message_id, payload"
DELIVERY = "waits_since, next_at, leased_until, tries, tried_at, status, reason, delivered_at"
PARK = "INSERT (message_id, subject, payload, reason, trace, attempts, failed_in)"
DEAD_LETTER = (
    f"SELECT (message_id, reason, trace, failed_in, attempts, updated_at, resolved_at), {PARK},"
    " UPDATE (reason, trace, attempts, failed_in, updated_at)"
)
PROVIDER = "paused_until, pause_reason, refused_since, refused_at, refusal"
PROVIDERS = f"SELECT (name, {PROVIDER}), INSERT (name, {PROVIDER}), UPDATE ({PROVIDER})"
PRICES = "SELECT (id, product, amount, currency, interval, interval_count, replaced_at)"
NOTE = f"SELECT (id), INSERT ({fields(Entry)})"
RETRY = "tries, reason, failed_at, next_at"
RETRIES = (
    f"SELECT (message_id, {RETRY}), INSERT (message_id, command, sale_id, first_failed_at, {RETRY}),"
    f" UPDATE ({RETRY}), DELETE"
)
RECONCILED = {
    "reconcile_cursors": (
        "SELECT (sweep, since, succeeded_at), INSERT (sweep, since, succeeded_at),"
        " UPDATE (since, succeeded_at, updated_at)"
    ),
    "reconcile_findings": (
        "SELECT, INSERT (kind, event_id, type, what, occurred_at, sale_id), UPDATE (late_at)"
    ),
}

SHOWN = [
    "access",
    "alembic_version",
    "disputes",
    "customers",
    "emails",
    "foreign_events",
    "installation",
    "known_prices",
    "memberships",
    "organisations",
    "owners",
    "payments",
    "prices",
    "products",
    "providers",
    "retries",
    "reviews",
    "sale_lines",
    "sales",
    "shipments",
    "subscriptions",
    "users",
    "withdrawals",
]
"""Tables that an operator reads whole; tokens of links and idempotency keys are not among them."""
