"""Save a batch: writes records, commands, timeline and dead letters in one statement, one commit."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cache, partial
from itertools import accumulate, chain

import msgspec

from egpay.adapters import wire
from egpay.adapters.postgres import app_deliveries, dead_letters, outbox
from egpay.adapters.postgres.books.linking import (
    ACCEPT,
    EXPIRE,
    IGNORE,
    LINK_CUSTOMERS,
    LINK_DEVICES,
    THE_CUSTOMER,
    THE_EVENT,
)
from egpay.adapters.postgres.books.loading import columns, fields
from egpay.adapters.postgres.connection.pool import Connection
from egpay.domain.access import Access
from egpay.domain.account import Account, Membership, Organisation, User
from egpay.domain.case import Case
from egpay.domain.commands import ExpireCheckoutPages, again_invited
from egpay.domain.disputes import Dispute
from egpay.domain.foreign import ForeignEvent
from egpay.domain.order import fold_name
from egpay.domain.outcome import FailedEvent, Outcome
from egpay.domain.payment import Payment
from egpay.domain.risk import RadarReview
from egpay.domain.shipment import Shipment
from egpay.domain.subscription import Subscription
from egpay.domain.timeline import Entry
from egpay.ports.dead_letters import DeadLetter

SALE_FACTS = (
    "status",
    "email",
    "email_key",
    "billing_email",
    "checkout_session_id",
    "session_progress",
    "session_ended_at",
    "customer_id",
    "subscription_id",
    "invoice_id",
    "payment_intent_id",
    "totals",
    "paid_at",
    "refunded",
    "cancelled",
    "cancellation",
    "corrected_address",
    "organisation_id",
    "public_version",
)
"""Columns of a sale that events may change; its order and its Checkout page are not among them."""


def _rows(table: str, parameter: int) -> str:
    return f"json_populate_recordset(NULL::{table}, ${parameter}::json)"


def _upsert(
    table: str, kind: type[msgspec.Struct], key: str, parameter: int, *, counted: bool = False
) -> str:
    changing = ", ".join(f"{name} = excluded.{name}" for name in columns(kind))
    changing += f", changes = {table}.changes + 1" if counted else ""
    return f"""
        {_insert(table, kind, parameter)}
        ON CONFLICT ({key}) DO UPDATE SET {changing}, updated_at = now()
    """


def _insert(table: str, kind: type[msgspec.Struct], parameter: int) -> str:
    return f"INSERT INTO {table} ({fields(kind)}) SELECT {fields(kind)} FROM {_rows(table, parameter)}"  # noqa: S608


_SALE_CHANGES = ", ".join(f"{fact} = after.{fact}" for fact in SALE_FACTS)

_UPDATE_SALES = f"UPDATE sales SET {_SALE_CHANGES}, changes = sales.changes + 1, updated_at = now() FROM"  # noqa: S608

_STEPS: Mapping[str, Callable[[int], str]] = {
    "sale": lambda first: f"{_UPDATE_SALES} {_rows('sales', first)} AS after WHERE sales.id = after.id",
    "organisation": partial(_upsert, "organisations", Organisation, "id"),
    "admin": partial(_upsert, "users", User, "id"),
    "membership": lambda first: f"{_insert('memberships', Membership, first)} ON CONFLICT DO NOTHING",
    "devices": lambda first: LINK_DEVICES.format(*(f"${first + n}" for n in range(4))),
    "subscription": partial(_upsert, "subscriptions", Subscription, "id", counted=True),
    "customer": lambda first: f"{LINK_CUSTOMERS} {_rows('subscriptions', first)} AS after {THE_CUSTOMER}",
    "payment": partial(_upsert, "payments", Payment, "id"),
    "dispute": partial(_upsert, "disputes", Dispute, "id"),
    "review": partial(_upsert, "reviews", RadarReview, "id"),
    "shipment": partial(_upsert, "shipments", Shipment, "sale_id", counted=True),
    "entry": partial(_insert, "timeline", Entry),
    "matter": partial(_upsert, "cases", Case, "id"),
    "access": partial(_upsert, "access", Access, "organisation_id"),
    "invitation": lambda first: EXPIRE.format(f"${first}"),
    "set_aside": lambda first: (
        f"{_insert('foreign_events', ForeignEvent, first)} ON CONFLICT (id) DO NOTHING"
    ),
    "ignored": lambda first: f"{IGNORE} {_rows('foreign_events', first)} AS set_aside {THE_EVENT}",
    "readmitted": lambda first: f"DELETE FROM foreign_events WHERE id = ANY(${first}::text[])",  # noqa: S608
    "accepted": lambda first: f"{ACCEPT} unnest(${first}::text[]) AS set_aside (id) {THE_EVENT}",
    "message": outbox.put,
    "news": app_deliveries.put,
    "letter": dead_letters.park,
}
"""SQL that writes each kind of record, from the parameter of that number on."""


async def save(connection: Connection, outcome: Outcome) -> None:
    """Write an outcome, within the transaction that claimed its events.

    It names only the tables that get rows, because a statement that names every table costs PostgreSQL a
    seventh more of its time for a batch of one."""
    public = wire.public_messages(outcome.public_events)
    messages = wire.command_messages(outcome.commands) + public
    accounts, letters = outcome.written.accounts.values(), [letter(parked) for parked in outcome.parked]
    given: dict[str, Sequence[object]] = {
        kind: (_json(some),) for kind, some in _records(outcome).items() if some
    }
    if accounts:
        given["devices"] = (*_names(accounts), list(outcome.written.sales))
    if invited := again_invited(outcome.commands):
        given["invitation"] = ([each.organisation_id for each in invited],)
    if messages:
        given["message"] = outbox.columns(messages)
    if outcome.public_events:
        given["news"] = app_deliveries.columns(outcome.public_events, public)
    if outcome.readmitted:
        given["readmitted"] = given["accepted"] = (list(outcome.readmitted),)
    if letters:
        given["letter"] = dead_letters.columns(letters)
    if given:
        widths = tuple((kind, len(parameters)) for kind, parameters in given.items())
        await connection.execute(_together(widths), *chain.from_iterable(given.values()))


def _records(outcome: Outcome) -> dict[str, Collection[msgspec.Struct]]:
    """Every kind of record that is written from JSON, in the order of the statement."""
    written, accounts = outcome.written, outcome.written.accounts.values()
    return {
        "sale": written.sales.values(),
        "organisation": [account.organisation for account in accounts],
        "admin": [account.admin for account in accounts if account.is_first],
        "membership": [account.membership for account in accounts],
        "subscription": written.subscriptions.values(),
        "customer": _provisioned(outcome),
        "payment": written.payments.values(),
        "dispute": [one for payment in written.payments.values() for one in payment.disputes.values()],
        "review": [one for payment in written.payments.values() for one in payment.reviews.values()],
        "shipment": written.shipments.values(),
        "entry": outcome.entries,
        "matter": written.cases.values(),
        "access": written.accesses.values(),
        "set_aside": [one for one in written.foreign.values() if one.about],
        "ignored": written.foreign.values(),
    }


def _provisioned(outcome: Outcome) -> list[Subscription]:
    """Subscriptions whose organisation is new to them: once in their life, with the command that says so."""
    linked = {each.subscription_id for each in outcome.commands if isinstance(each, ExpireCheckoutPages)}
    return [one for key, one in outcome.written.subscriptions.items() if key in linked and one.customer_id]


def _names(accounts: Iterable[Account]) -> tuple[list[str], list[str], list[str]]:
    """The organisation, the admin's e-mail and the folded name of each account."""
    names = [(one.organisation.id, one.admin.email_key, fold_name(one.organisation.name)) for one in accounts]
    return [name[0] for name in names], [name[1] for name in names], [name[2] for name in names]


@cache
def _together(widths: Sequence[tuple[str, int]]) -> str:
    firsts = accumulate((width for _, width in widths), initial=1)
    steps = ", ".join(
        f"{kind} AS ({_STEPS[kind](first)})" for (kind, _), first in zip(widths, firsts, strict=False)
    )
    return f"WITH {steps} SELECT"


def letter(parked: FailedEvent) -> DeadLetter:
    """The dead letter of a failed event: holds it as it came, so that it can be replayed."""
    message = wire.event_message(parked.event)
    return DeadLetter(
        message_id=message.id,
        subject=message.subject,
        payload=message.payload,
        reason=parked.reason,
        trace=parked.trace,
        failed_in="books",
    )


def _json(values: Iterable[msgspec.Struct]) -> str:
    return msgspec.json.encode(list(values)).decode()
