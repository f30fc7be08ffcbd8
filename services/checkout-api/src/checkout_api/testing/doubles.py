"""Stand-ins that fail, wait and move when a test tells them to."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from egpay.domain.order import Order
from egpay.domain.sale import Sale
from egpay.domain.values import MessageId, SessionId
from egpay.ports.inbox import Receipt
from egpay.ports.outbox import OutboxMessage
from egpay.ports.payments import CheckoutSession

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@dataclass(slots=True)
class StandingClock:
    """A clock that moves when it is told to."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        """The time it stands at."""
        return self.now

    def forward(self, **span: float) -> None:
        """Move on, by the words of timedelta."""
        self.now += timedelta(**span)


def _open() -> asyncio.Event:
    gate = asyncio.Event()
    gate.set()
    return gate


@dataclass(slots=True)
class OnePagePerAttempt:
    """A payment provider whose page depends on sale and attempt alone, as Stripe's idempotency keys make it.

    `fault` is raised instead of an answer; while `gate` is cleared no answer comes; `asked` remembers every page asked
    for, `closed` every page closed; one in `completed` cannot be.
    """

    clock: StandingClock
    fault: Exception | None = None
    asked: list[tuple[str, int]] = field(default_factory=list)
    closed: list[SessionId] = field(default_factory=list)
    completed: set[SessionId] = field(default_factory=set)
    gate: asyncio.Event = field(default_factory=_open)

    async def open_checkout(self, sale: Sale, order: Order) -> CheckoutSession:  # noqa: ARG002 - the sale is enough
        """A page that closes in 24 hours."""
        self.asked.append((sale.id, sale.session_attempt))
        await self.gate.wait()
        if self.fault:
            raise self.fault
        name = f"cs_test_{sale.id}_{sale.session_attempt}"
        closes = self.clock() + timedelta(hours=24)
        return CheckoutSession(SessionId(name), f"https://pay.test/c/{name}#fragment", closes)

    async def expire_checkout(self, session: SessionId) -> bool:
        """Closed, unless it was completed."""
        if self.fault:
            raise self.fault
        if session in self.completed:
            return False
        self.closed.append(session)
        return True


@dataclass(slots=True)
class ListInbox:
    """An inbox that keeps receipts in a list, or raises `fault`."""

    receipts: list[Receipt] = field(default_factory=list)
    fault: Exception | None = None

    async def record_many(self, receipts: Sequence[Receipt]) -> frozenset[MessageId]:
        """All of them are new."""
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
        """All of them are new, and lead to nothing."""
        await self.record_many(receipts)
        return ()
