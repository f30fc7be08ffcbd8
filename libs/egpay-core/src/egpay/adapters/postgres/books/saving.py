"""Write what a batch led to: records, commands, timeline and parked events in one statement, one commit."""

from collections.abc import Iterable

import msgspec

from egpay.adapters import wire
from egpay.adapters.postgres import dead_letters, outbox
from egpay.adapters.postgres.books.loading import fields
from egpay.adapters.postgres.pool import Connection
from egpay.domain.account import Organisation, User
from egpay.domain.books import Outcome, Parked
from egpay.domain.case import Case
from egpay.domain.payment import Payment
from egpay.domain.shipment import Shipment
from egpay.domain.subscription import Subscription
from egpay.domain.timeline import Entry
from egpay.ports.dead_letters import DeadLetter

SALE_FACTS = (
    "status",
    "billing_email",
    "checkout_session_id",
    "session_progress",
    "customer_id",
    "subscription_id",
    "invoice_id",
    "payment_intent_id",
    "paid_at",
    "refunded",
    "cancelled",
)
"""What events may change of a sale; the order and the page of its Checkout are not theirs."""


def _rows(table: str, parameter: int) -> str:
    return f"json_populate_recordset(NULL::{table}, ${parameter}::json)"


def _upsert(table: str, kind: type[msgspec.Struct], key: str, parameter: int) -> str:
    columns = fields(kind)
    changing = ", ".join(f"{field.name} = excluded.{field.name}" for field in msgspec.structs.fields(kind))
    return f"""
        INSERT INTO {table} ({columns}) SELECT {columns} FROM {_rows(table, parameter)}
        ON CONFLICT ({key}) DO UPDATE SET {changing}, updated_at = now()
    """  # noqa: S608 - built from names of tables and fields only


_SALE_CHANGES = ", ".join(f"{fact} = after.{fact}" for fact in SALE_FACTS)

SAVE = f"""
    WITH sale AS (
        UPDATE sales SET {_SALE_CHANGES}, updated_at = now()
        FROM {_rows("sales", 1)} AS after WHERE sales.id = after.id
    ), organisation AS ({_upsert("organisations", Organisation, "id", 2)}
    ), admin AS ({_upsert("users", User, "id", 3)}
    ), subscription AS ({_upsert("subscriptions", Subscription, "id", 4)}
    ), payment AS ({_upsert("payments", Payment, "id", 5)}
    ), shipment AS ({_upsert("shipments", Shipment, "sale_id", 6)}
    ), entry AS (
        INSERT INTO timeline ({fields(Entry)}) SELECT {fields(Entry)} FROM {_rows("timeline", 7)}
    ), matter AS (
        INSERT INTO cases ({fields(Case)}) SELECT {fields(Case)} FROM {_rows("cases", 8)} ON CONFLICT (id) DO NOTHING
    ), command AS ({outbox.put(9)}
    ) {dead_letters.park(13, "books")}
"""  # noqa: S608 - built from names of tables and fields only


async def save(connection: Connection, outcome: Outcome) -> None:
    """Write an outcome, within the transaction that claimed its events."""
    written = outcome.written
    accounts = written.accounts.values()
    await connection.execute(
        SAVE,
        _json(written.sales.values()),
        _json(account.organisation for account in accounts),
        _json(account.admin for account in accounts),
        _json(written.subscriptions.values()),
        _json(written.payments.values()),
        _json(written.shipments.values()),
        _json(outcome.entries),
        _json(outcome.cases),
        *outbox.columns(wire.command_messages(outcome.commands)),
        *dead_letters.columns([letter(parked) for parked in outcome.parked]),
    )


def letter(parked: Parked) -> DeadLetter:
    """A parked event as the dead letters keep it: as it came, so that it can be sent again."""
    message = wire.event_message(parked.event)
    return DeadLetter(
        message_id=message.id,
        subject=message.subject,
        payload=message.payload,
        reason=parked.reason,
        trace=parked.trace,
    )


def _json(values: Iterable[msgspec.Struct]) -> str:
    return msgspec.json.encode(list(values)).decode()
