"""Reconciliation state: compares receipts with inbox and books, so that only news is entered."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from egpay.adapters.postgres.books.loading import load
from egpay.adapters.postgres.connection.error_mapping import mapped_errors
from egpay.adapters.postgres.connection.pool import ACQUIRE_TIMEOUT, Pool
from egpay.adapters.postgres.reconciliation import queries
from egpay.domain.books import Books
from egpay.domain.events import (
    BillingEvent,
    CreditNoteReported,
    DisputeReported,
    FraudWarningReported,
    InvoicePaid,
    PaymentEvent,
    RefundReported,
    ReviewReported,
    SubscriptionChanged,
)
from egpay.domain.foreign import objects_of
from egpay.domain.ownership import foreign_because
from egpay.domain.subscription import ENDED, SubscriptionReport
from egpay.domain.values import MessageId, SaleId, SessionId
from egpay.domain.working_set import keys_in, resolve_sales
from egpay.ports.inbox import Disposition, Receipt
from egpay.ports.reconciliation import Cursor, Finding, FindingKind, Known, OpenSale, Silence


class PostgresReconciliationState(msgspec.Struct, frozen=True):
    """Port `ReconciliationState` over PostgreSQL."""

    pool: Pool

    async def cursor(self, sweep: str) -> Cursor | None:
        """Load the cursor of a sweep."""
        rows = await self._ask(queries.CURSOR, sweep)
        return Cursor(**rows[0]) if rows else None

    async def move(self, sweep: str, cursor: Cursor) -> None:
        """Store the cursor of a sweep."""
        await self._ask(queries.MOVE, sweep, cursor.since, cursor.succeeded_at)

    async def known(self, ids: Sequence[MessageId]) -> dict[MessageId, Known]:
        """The events that are in our inbox, with their disposition."""
        rows = await self._ask(queries.KNOWN, list(ids)) if ids else []
        return {
            row["event_id"]: Known(disposition=Disposition(row["disposition"]), aside=row["aside"])
            for row in rows
        }

    async def open_sales(self, *, since: datetime | None, until: datetime) -> Sequence[OpenSale]:
        """Open sales that are due for a lookup."""
        rows = await self._ask(queries.OPEN_SALES, since, until)
        return [OpenSale(SaleId(row["id"]), SessionId(row["checkout_session_id"])) for row in rows]

    async def news(self, receipts: Sequence[Receipt]) -> Sequence[Receipt]:
        """Subscriptions and doubts that differ from our books, invoices not paid in them, and anything else.

        What is foreign and known to be so is no news, until it is ours."""
        events = [receipt.event for receipt in receipts if receipt.event]
        foreign = await self._still_foreign(events)
        reported = await self._reports(
            [e.subscription_id for e in events if isinstance(e, SubscriptionChanged)]
        )
        paid = await self._paid([e.invoice_id for e in events if isinstance(e, InvoicePaid)])
        states = await self._states([e for e in events if isinstance(e, PaymentEvent | CreditNoteReported)])
        news = []
        for receipt in receipts:
            match receipt.event:
                case event if event is not None and event.id in foreign:
                    is_news = False
                case SubscriptionChanged(subscription_id=name) as event:
                    is_news = name not in reported or not _mirrors(*reported[name], event)
                case InvoicePaid(invoice_id=name):
                    is_news = name not in paid
                case (PaymentEvent() | CreditNoteReported()) as event if (
                    state := _state_of(event)
                ) is not None:
                    is_news = states.get(state[0]) != state[1]
                case _:
                    is_news = True
            news += [receipt] if is_news else []
        return news

    async def awaited(self, sales: Sequence[SaleId]) -> frozenset[SaleId]:
        """The sales with an event of the provider's in the outbox that no worker has claimed."""
        rows = await self._ask(queries.AWAITED, list(sales)) if sales else []
        return frozenset(SaleId(row["sale_id"]) for row in rows)

    async def keep(self, findings: Sequence[Finding]) -> None:
        """Store findings, each event once."""
        if findings:
            await self._ask(queries.KEEP, msgspec.json.encode(findings).decode())

    async def came_late(self) -> Sequence[Finding]:
        """Findings whose webhook has arrived since."""
        return [
            Finding(**{**row, "kind": FindingKind.LATE, "what": "its webhook came after we had entered it"})
            for row in await self._ask(queries.CAME_LATE)
        ]

    async def silence(self, *, since: datetime) -> Silence:
        """Findings whose webhook has not arrived to this day."""
        [row] = await self._ask(queries.SILENCE, since)
        return Silence(**row)

    async def _still_foreign(self, events: Sequence[BillingEvent]) -> frozenset[MessageId]:
        if not events:
            return frozenset()
        with mapped_errors():
            async with self.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
                loaded, _ = await load(connection, keys_in(events), [])
        books = Books(loaded=loaded)
        known = {name for one in loaded.foreign.values() for name in one.about}
        return frozenset(
            event.id
            for event in resolve_sales(events, loaded)
            if not known.isdisjoint(objects_of(event)) and foreign_because(event, books) is not None
        )

    async def _reports(self, ids: Sequence[str]) -> dict[str, tuple[SubscriptionReport, str | None]]:
        rows = await self._ask(queries.REPORTS, list(ids)) if ids else []
        fields = SubscriptionReport.__struct_fields__
        return {
            row["id"]: (
                msgspec.convert({name: row[name] for name in fields}, SubscriptionReport),
                row["price_id"],
            )
            for row in rows
        }

    async def _states(self, events: Sequence[PaymentEvent | CreditNoteReported]) -> dict[str, str]:
        states = [state for event in events if (state := _state_of(event)) is not None]
        if not states:
            return {}
        intents = [event.payment_intent_id for event in events if isinstance(event, PaymentEvent)]
        invoices = [event.invoice_id for event in events if isinstance(event, CreditNoteReported)]
        rows = await self._ask(queries.STATES, [name for name, _ in states], intents, invoices)
        return {row["id"]: row["state"] for row in rows}

    async def _paid(self, ids: Sequence[str]) -> set[str]:
        rows = await self._ask(queries.PAID, list(ids)) if ids else []
        return {row["name"] for row in rows}

    async def _ask(self, query: str, *arguments: object) -> list[dict[str, Any]]:
        with mapped_errors():
            async with self.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
                return [dict(row) for row in await connection.fetch(query, *arguments)]


def _state_of(event: PaymentEvent | CreditNoteReported) -> tuple[str, str] | None:
    """The provider's id of a refund, dispute, warning or review, with the word that its row has for its state."""
    match event:
        case RefundReported(refund_id=name, status=status):
            return name, status.value
        case DisputeReported(dispute_id=name, status=word):
            return name, word
        case FraudWarningReported(warning_id=name, actionable=actionable):
            return name, str(actionable).lower()
        case ReviewReported(review_id=name, is_open=is_open):
            return name, "open" if is_open else "closed"
        case CreditNoteReported(credit_note_id=name, voided=voided):
            return name, "voided" if voided else "issued"
        case _:
            return None


def _mirrors(known: SubscriptionReport, price_id: str | None, event: SubscriptionChanged) -> bool:
    """Whether our books say the same: as a whole, and of one of its items, which an end may come without."""
    told = event.report
    if event.items is None:
        return told == known
    items = {(item.price_id, item.quantity) for item in event.items}
    is_same_item = (price_id, known.quantity) in items if items else told.status in ENDED
    return is_same_item and msgspec.structs.replace(told, quantity=known.quantity) == known
