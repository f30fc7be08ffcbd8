"""Rights table: least privileges of each role, by column, so that a compromised one cannot rewrite history."""

import re
from collections.abc import Mapping

import msgspec

from egpay.adapters.postgres.books.loading import fields
from egpay.adapters.postgres.schema.column_groups import (
    DEAD_LETTER,
    DELIVERY,
    FACTS,
    NEWS,
    NOTE,
    ORDER,
    PAGE,
    PARK,
    PRICES,
    PROVIDERS,
    RECEIVE,
    RECONCILED,
    RETRIES,
    SEND,
    SHOWN,
    WEBHOOK,
    counted,
    updatable,
)
from egpay.domain.access import Access
from egpay.domain.account import Invitation, Membership, Organisation, User
from egpay.domain.acts import ActRecord
from egpay.domain.case import Case
from egpay.domain.catalogue import Product
from egpay.domain.disputes import Dispute
from egpay.domain.foreign import ForeignEvent, Installation, KnownPrice
from egpay.domain.order import OrderLine
from egpay.domain.owner import Owner
from egpay.domain.payment import Payment
from egpay.domain.risk import RadarReview
from egpay.domain.sale import Sale
from egpay.domain.shipment import Shipment
from egpay.domain.subscription import Subscription
from egpay.domain.timeline import Entry
from egpay.domain.withdrawal import Withdrawal

CHECKOUT_API = "egpay_checkout_api"
BILLING_WORKER = "egpay_billing_worker"
OPERATOR = "egpay_operator"


class Right(msgspec.Struct, frozen=True):
    """One privilege of a role on a table, or on one column of it."""

    role: str
    table: str
    privilege: str
    column: str | None = None


RIGHTS: Mapping[str, Mapping[str, str]] = {
    CHECKOUT_API: {
        "webhook_events": (
            f"SELECT (source, event_id, deliveries), {RECEIVE}, UPDATE (deliveries, redelivered_at)"
        ),
        "outbox": SEND,
        "dead_letters": DEAD_LETTER,
        "timeline": NOTE,
        "products": f"SELECT ({fields(Product)}, on_sale, position)",
        "prices": PRICES,
        "sales": (
            f"SELECT ({fields(Sale)}, {ORDER}, order_hash, checkout_url, checkout_expires_at, changes),"
            f" INSERT ({fields(Sale)}, {ORDER}, order_hash, organisation_key), UPDATE ({PAGE})"
        ),
        "customers": "SELECT (id, sale_id, used_at, given_up_at), INSERT (id, sale_id, used_at), UPDATE (used_at)",
        "sale_lines": (
            f"SELECT (sale_id, position, {fields(OrderLine)}), INSERT (sale_id, position, {fields(OrderLine)})"
        ),
        "idempotency_keys": (
            "SELECT (key, request_hash, sale_id, done, held_until, xmax), INSERT (key, request_hash, held_until),"
            " UPDATE (key, sale_id, done, held_until), DELETE"
        ),
        "subscriptions": f"SELECT ({fields(Subscription)}, changes)",
        "shipments": f"SELECT ({fields(Shipment)}, changes)",
        "emails": "SELECT (kind, sale_id, sent_at)",
        "users": "SELECT (id, organisation_id, email, email_key, status), UPDATE (status, updated_at)",
        "memberships": "SELECT (user_id, organisation_id)",
        "organisations": "SELECT (id, name)",
        "access": "SELECT (organisation_id, level, why, plan, seats, until, version)",
        "invitations": f"SELECT ({fields(Invitation)}, used_at), UPDATE (used_at)",
        "portal_links": (
            "SELECT (id, email_key, token_hash, expires_at, used_at), INSERT (id, email_key, requested_at, expires_at),"
            " UPDATE (used_at)"
        ),
        "withdrawals": f"SELECT ({fields(Withdrawal)}), INSERT ({fields(Withdrawal)})",
        "providers": PROVIDERS,
        "installation": "SELECT (id)",
        "alembic_version": "SELECT",
    },
    BILLING_WORKER: {
        "webhook_events": (
            "SELECT (source, event_id, disposition, sale_id, buyer_email, deliveries, redelivered_at),"
            f" {RECEIVE}, UPDATE (disposition, reason, deliveries, redelivered_at)"
        ),
        "outbox": SEND,
        "dead_letters": DEAD_LETTER,
        "timeline": NOTE,
        "processed_messages": "SELECT (message_id), INSERT (message_id)",
        "retries": RETRIES,
        "sales": f"SELECT ({fields(Sale)}, {ORDER}, checkout_expires_at, organisation_key, changes), UPDATE ({FACTS})",
        "prices": "SELECT (id, active, replaced_at, created_at), UPDATE (active)",
        "sale_lines": f"SELECT (sale_id, position, {fields(OrderLine)})",
        "customers": (
            "SELECT (id, sale_id, organisation_id, used_at, kept, given_up_at, deleted_at),"
            " UPDATE (organisation_id, kept, given_up_at, deleted_at)"
        ),
        "organisations": updatable(Organisation),
        "users": f"SELECT (created_at), {updatable(User)}",
        "memberships": f"SELECT ({fields(Membership)}, created_at), INSERT ({fields(Membership)})",
        "invitations": (
            f"SELECT ({fields(Invitation)}, used_at), INSERT ({fields(Invitation)}), UPDATE (expires_at)"
        ),
        "portal_links": "SELECT, UPDATE (token_hash, expires_at), DELETE",
        "subscriptions": counted(Subscription),
        "payments": f"{updatable(Payment)}, SELECT (disputes), INSERT (disputes), UPDATE (disputes)",
        "disputes": updatable(Dispute),
        "reviews": updatable(RadarReview),
        "shipments": counted(Shipment),
        "owners": updatable(Owner),
        "cases": updatable(Case),
        "operator_acts": f"SELECT ({fields(ActRecord)})",
        "withdrawals": f"SELECT ({fields(Withdrawal)})",
        "access": updatable(Access),
        "app_deliveries": f"SELECT, INSERT ({NEWS}), UPDATE ({NEWS}, {DELIVERY}, updated_at)",
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
        "installation": (
            f"SELECT ({fields(Installation)}),"
            " UPDATE (adopts_since, access_grace_days, part_refund, refund_ends_subscription)"
        ),
        **RECONCILED,
        "providers": PROVIDERS,
        "alembic_version": "SELECT",
    },
    OPERATOR: {
        **dict.fromkeys(SHOWN, "SELECT"),
        "webhook_events": f"SELECT, {RECEIVE}, UPDATE ({WEBHOOK}, deliveries, redelivered_at)",
        "outbox": (
            "SELECT, INSERT (message_id, subject, payload, traceparent, leased_until),"
            " UPDATE (subject, payload, created_at, published_at, leased_until)"
        ),
        "processed_messages": "SELECT, INSERT (message_id), DELETE",
        "dead_letters": f"SELECT, {PARK}, UPDATE (reason, attempts, updated_at, resolved_at)",
        "timeline": f"SELECT, INSERT ({fields(Entry)})",
        "cases": "SELECT",
        "operator_acts": "SELECT, INSERT (key, kind, subject, sale_id, who, why, arguments, at)",
        "app_deliveries": "SELECT, UPDATE (message_id, waits_since, next_at, tries, delivered_at)",
        **RECONCILED,
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
