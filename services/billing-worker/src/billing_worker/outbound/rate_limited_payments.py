"""Questions to the payment provider at a pace it bears, so that a stormy day of ours is no outage of theirs."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from egpay.domain.errors import Outage
from egpay.domain.events import SubscriptionChanged
from egpay.domain.order import Order
from egpay.domain.owner import Owner
from egpay.domain.sale import Sale
from egpay.domain.values import InvoiceId, PaymentIntentId, SessionId, SubscriptionId
from egpay.ports.payments import CheckoutSession, Payments, PaymentTrace
from egpay.ports.rate_limiter import RateLimiter

T = TypeVar("T")

LONGEST_SILENCE = 60.0
"""Seconds for which one request of the provider to come back later stops all questions."""


@dataclass(frozen=True, slots=True)
class RateLimitedPayments(Payments):
    """A provider that is asked in turn. When it asks one of us to come back later, all of us wait; what a buyer waits
    for at Checkout is not slowed down."""

    payments: Payments
    pace: RateLimiter

    async def open_checkout(self, sale: Sale, order: Order) -> CheckoutSession:
        """At once."""
        return await self.payments.open_checkout(sale, order)

    async def expire_checkout(self, session: SessionId) -> bool:
        """At once."""
        return await self.payments.expire_checkout(session)

    async def trace_payment(self, payment_intent: PaymentIntentId) -> PaymentTrace:
        """In turn."""
        return await self._in_turn(lambda: self.payments.trace_payment(payment_intent))

    async def owner(self, subscription: SubscriptionId) -> Owner | None:
        """In turn."""
        return await self._in_turn(lambda: self.payments.owner(subscription))

    async def invoice_page(self, invoice: InvoiceId) -> str | None:
        """In turn."""
        return await self._in_turn(lambda: self.payments.invoice_page(invoice))

    async def subscription(self, subscription: SubscriptionId) -> SubscriptionChanged | None:
        """In turn."""
        return await self._in_turn(lambda: self.payments.subscription(subscription))

    async def _in_turn(self, ask: Callable[[], Awaitable[T]]) -> T:
        await asyncio.sleep(await self.pace.turn())
        try:
            return await ask()
        except Outage as outage:
            if outage.retry_after is not None:
                await self.pace.hold_off(min(outage.retry_after, LONGEST_SILENCE))
            raise
