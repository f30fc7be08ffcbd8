"""Rights table: least privileges of each role, by column, so that a compromised one cannot rewrite history."""

import re
from collections.abc import Mapping

import msgspec

from egpay.adapters.postgres.books.loading import fields
from egpay.adapters.postgres.books.saving import SALE_FACTS
from egpay.domain.account import Invitation, Membership, Organisation, User
from egpay.domain.case import Case
from egpay.domain.catalogue import Product
from egpay.domain.foreign import ForeignEvent, Installation, KnownPrice
from egpay.domain.order import OrderLine
from egpay.domain.owner import Owner
from egpay.domain.payment import Payment
from egpay.domain.sale import Sale
from egpay.domain.shipment import Shipment
from egpay.domain.subscription import Subscription
from egpay.domain.timeline import Entry

CHECKOUT_API = "egpay_checkout_api"
BILLING_WORKER = "egpay_billing_worker"
OPERATOR = "egpay_operator"


class Right(msgspec.Struct, frozen=True):
    """One privilege of a role on a table, or on one column of it."""

    role: str
    table: str
    privilege: str
    column: str | None = None


def _updatable(kind: type[msgspec.Struct]) -> str:
    return f"SELECT ({fields(kind)}), INSERT ({fields(kind)}), UPDATE ({fields(kind)}, updated_at)"


_ORDER = "payment, ordered_billing_email, shipping_address, locale"
_PAGE = "status, session_attempt, session_progress, checkout_session_id, checkout_url, checkout_expires_at, updated_at"
_FACTS = ", ".join((*SALE_FACTS, "updated_at"))
_WEBHOOK = "type, occurred_at, disposition, reason, sale_id, livemode, api_version, buyer_email, traceparent"
_RECEIVE = f"INSERT (source, event_id, {_WEBHOOK}, body)"
_SEND = (
    "SELECT, INSERT (message_id, subject, payload, traceparent, leased_until),"
    " UPDATE (published_at, leased_until)"
)
_PARK = "INSERT (message_id, subject, payload, reason, trace, attempts, failed_in)"
_DEAD_LETTER = (
    f"SELECT (message_id, reason, trace, failed_in, attempts, updated_at, resolved_at), {_PARK},"
    " UPDATE (reason, trace, attempts, failed_in, updated_at)"
)
_PROVIDER = "paused_until, pause_reason, refused_since, refused_at, refusal"
_PROVIDERS = f"SELECT (name, {_PROVIDER}), INSERT (name, {_PROVIDER}), UPDATE ({_PROVIDER})"
_PRICES = "SELECT (id, product, amount, currency, interval, interval_count, replaced_at)"
_NOTE = f"SELECT (id), INSERT ({fields(Entry)})"
_RECONCILED = {
    "reconcile_cursors": (
        "SELECT (sweep, since, succeeded_at), INSERT (sweep, since, succeeded_at),"
        " UPDATE (since, succeeded_at, updated_at)"
    ),
    "reconcile_findings": (
        "SELECT, INSERT (kind, event_id, type, what, occurred_at, sale_id), UPDATE (late_at)"
    ),
}

_SHOWN = [
    "alembic_version",
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
    "sale_lines",
    "sales",
    "shipments",
    "subscriptions",
    "users",
]
"""Tables that an operator reads whole; tokens of links and idempotency keys are not among them."""

RIGHTS: Mapping[str, Mapping[str, str]] = {
    CHECKOUT_API: {
        "webhook_events": (
            f"SELECT (source, event_id, deliveries), {_RECEIVE}, UPDATE (deliveries, redelivered_at)"
        ),
        "outbox": _SEND,
        "dead_letters": _DEAD_LETTER,
        "timeline": _NOTE,
        "products": f"SELECT ({fields(Product)}, on_sale, position)",
        "prices": _PRICES,
        "sales": (
            f"SELECT ({fields(Sale)}, {_ORDER}, order_hash, checkout_url, checkout_expires_at),"
            f" INSERT ({fields(Sale)}, {_ORDER}, order_hash), UPDATE ({_PAGE})"
        ),
        "sale_lines": (
            f"SELECT (sale_id, position, {fields(OrderLine)}), INSERT (sale_id, position, {fields(OrderLine)})"
        ),
        "idempotency_keys": (
            "SELECT (key, request_hash, sale_id, done, held_until, xmax), INSERT (key, request_hash, held_until),"
            " UPDATE (key, sale_id, done, held_until), DELETE"
        ),
        "subscriptions": f"SELECT ({fields(Subscription)})",
        "shipments": f"SELECT ({fields(Shipment)})",
        "users": "SELECT (organisation_id, email_key)",
        "portal_links": (
            "SELECT (id, email_key, token_hash, expires_at, used_at), INSERT (id, email_key, requested_at),"
            " UPDATE (used_at)"
        ),
        "providers": _PROVIDERS,
        "installation": "SELECT (id)",
        "alembic_version": "SELECT",
    },
    BILLING_WORKER: {
        "webhook_events": (
            "SELECT (source, event_id, disposition, sale_id, buyer_email, deliveries, redelivered_at),"
            f" {_RECEIVE}, UPDATE (disposition, reason, deliveries, redelivered_at)"
        ),
        "outbox": _SEND,
        "dead_letters": _DEAD_LETTER,
        "timeline": _NOTE,
        "processed_messages": "SELECT (message_id), INSERT (message_id)",
        "sales": f"SELECT ({fields(Sale)}, {_ORDER}), UPDATE ({_FACTS})",
        "sale_lines": f"SELECT (sale_id, position, {fields(OrderLine)})",
        "organisations": _updatable(Organisation),
        "users": f"SELECT (created_at), {_updatable(User)}",
        "memberships": f"SELECT ({fields(Membership)}), INSERT ({fields(Membership)})",
        "invitations": (
            f"SELECT ({fields(Invitation)}, used_at), INSERT ({fields(Invitation)}), UPDATE (expires_at)"
        ),
        "portal_links": "SELECT, UPDATE (token_hash, expires_at), DELETE",
        "subscriptions": _updatable(Subscription),
        "payments": _updatable(Payment),
        "shipments": _updatable(Shipment),
        "owners": _updatable(Owner),
        "cases": f"SELECT (id), INSERT ({fields(Case)})",
        "emails": (
            "SELECT (key, attempts, claimed_until, sent_at, xmax),"
            " INSERT (key, kind, recipient, subject, sale_id, claimed_until, created_at),"
            " UPDATE (key, recipient, subject, message_id, attempts, claimed_until, sent_at)"
        ),
        "pace": "SELECT (name, next_at), INSERT (name, next_at), UPDATE (next_at)",
        "questions": (
            "SELECT (subject, asked_at, held_until), INSERT (subject, asked_at, held_until),"
            " UPDATE (asked_at, held_until)"
        ),
        "foreign_events": f"SELECT ({fields(ForeignEvent)}), INSERT ({fields(ForeignEvent)}), DELETE",
        "known_prices": f"SELECT ({fields(KnownPrice)})",
        "installation": f"SELECT ({fields(Installation)}), UPDATE (adopts_since)",
        **_RECONCILED,
        "providers": _PROVIDERS,
        "alembic_version": "SELECT",
    },
    OPERATOR: {
        **dict.fromkeys(_SHOWN, "SELECT"),
        "webhook_events": f"SELECT, {_RECEIVE}, UPDATE ({_WEBHOOK}, deliveries, redelivered_at)",
        "outbox": (
            "SELECT, INSERT (message_id, subject, payload, traceparent, leased_until),"
            " UPDATE (subject, payload, created_at, published_at, leased_until)"
        ),
        "processed_messages": "SELECT, INSERT (message_id), DELETE",
        "dead_letters": f"SELECT, {_PARK}, UPDATE (reason, attempts, updated_at, resolved_at)",
        "timeline": f"SELECT, INSERT ({fields(Entry)})",
        "cases": "SELECT, UPDATE (closed_at, closed_because)",
        **_RECONCILED,
    },
}
"""Privileges of each role on each table and column; what is not named is denied.

Neither service may delete a webhook, change the catalogue, or create or drop anything; the worker may have old rows
purged, by a function that spares a week. The operator reads, replays and republishes; a migration and the catalogue
are the schema owner's. `xmax` says of an upsert whether it inserted, and what it takes from `excluded` counts as read."""

_PRIVILEGE = re.compile(r"([A-Z]+)(?: \(([^)]*)\))?")


def rights() -> frozenset[Right]:
    """The same as a set, one right for each privilege on a table or a column."""
    return frozenset(
        Right(role, table, privilege, column.strip() or None)
        for role, tables in RIGHTS.items()
        for table, allowed in tables.items()
        for privilege, columns in _PRIVILEGE.findall(allowed)
        for column in columns.split(",")
    )
