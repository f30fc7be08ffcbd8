"""Test doubles of clock, payments and inbox; they fail, wait and move on command."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from egpay.domain.order import Order
from egpay.domain.sale import Sale
from egpay.domain.values import CustomerId, InvoiceId, MessageId, SessionId
from egpay.ports.inbox import Receipt
from egpay.ports.outbox import OutboxMessage
from egpay.ports.payments import CheckoutSession

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@dataclass(slots=True)
class StandingClock:
    """Clock that moves only by `forward`."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        """Return the time it stands at."""
        return self.now

    def forward(self, **span: float) -> None:
        """Move on by a timedelta, given by its keywords."""
        self.now += timedelta(**span)


def _open() -> asyncio.Event:
    gate = asyncio.Event()
    gate.set()
    return gate


@dataclass(slots=True)
class OnePagePerAttempt:
    """Payment provider whose page depends on sale and attempt alone, as by Stripe's idempotency keys.

    `fault` is raised instead of a page, `customer_fault` instead of a customer; while `gate` is cleared no page comes,
    while `customer_gate` is no customer; `asked` and `customers` record every page and customer asked for, and
    `used` the customer of each page, `known` those of them that were known before; `looked` records the sessions
    asked about.
    """

    clock: StandingClock
    fault: Exception | None = None
    customer_fault: Exception | None = None
    asked: list[tuple[str, int]] = field(default_factory=list)
    customers: list[str] = field(default_factory=list)
    used: list[str] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    looked: list[SessionId] = field(default_factory=list)
    ended: dict[SessionId, Sequence[Receipt]] = field(default_factory=dict)
    customer_gate: asyncio.Event = field(default_factory=_open)
    gate: asyncio.Event = field(default_factory=_open)

    async def create_customer(self, sale: Sale, order: Order, number: int = 1) -> CustomerId:  # noqa: ARG002
        """Create the customer of that number."""
        customer = CustomerId(f"cus_{sale.id}_{number}")
        self.customers.append(customer)
        await self.customer_gate.wait()
        if self.customer_fault:
            raise self.customer_fault
        return customer

    async def open_checkout(
        self,
        sale: Sale,
        order: Order,  # noqa: ARG002
        customer: CustomerId,
        *,
        known: bool = False,
    ) -> CheckoutSession:
        """Open a page that expires in 24 hours."""
        self.asked.append((sale.id, sale.session_attempt))
        self.used.append(customer)
        self.known += [customer] if known else []
        await self.gate.wait()
        if self.fault:
            raise self.fault
        name = f"cs_test_{sale.id}_{sale.session_attempt}"
        closes = self.clock() + timedelta(hours=24)
        return CheckoutSession(SessionId(name), f"https://pay.test/c/{name}#fragment", closes)

    async def look_at_session(self, session: SessionId) -> Sequence[Receipt]:
        """What it tells of a session that ended, as `ended` says; nothing of any other."""
        self.looked.append(session)
        if self.fault:
            raise self.fault
        return self.ended.get(session, ())

    async def invoice_page(self, invoice: InvoiceId) -> str | None:
        """The page of any invoice but a draft."""
        if self.fault:
            raise self.fault
        return None if invoice == "in_draft" else f"https://invoice.test/{invoice}"

    async def open_portal(self, customer: CustomerId, key: str, customer_token: str) -> str:
        """Open a portal of a customer, whose URL no other key has."""
        if self.fault:
            raise self.fault
        return f"https://billing.test/{customer}/{key}#{customer_token}"


@dataclass(slots=True)
class ListInbox:
    """Inbox that stores receipts in a list, or raises `fault`."""

    receipts: list[Receipt] = field(default_factory=list)
    fault: Exception | None = None

    async def record_many(self, receipts: Sequence[Receipt]) -> frozenset[MessageId]:
        """Store all of them as new."""
        if self.fault:
            raise self.fault
        self.receipts.extend(receipts)
        return frozenset(receipt.event_id for receipt in receipts)

    async def record_to_publish(
        self,
        receipts: Sequence[Receipt],
        *,
        lease: float,  # noqa: ARG002
    ) -> Sequence[OutboxMessage]:
        """Store all of them as new, without a message to publish."""
        await self.record_many(receipts)
        return ()
