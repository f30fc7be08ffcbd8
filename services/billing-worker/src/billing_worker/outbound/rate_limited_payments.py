"""Rate-limited payments: spaces requests to the provider, so that our peak does not overload it."""

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
"""Seconds, at most, for which one Retry-After of the provider pauses all requests."""


@dataclass(frozen=True, slots=True)
class RateLimitedPayments(Payments):
    """Payments behind the shared rate limiter; a Retry-After of the provider pauses all processes.

    What a buyer waits for at Checkout is not limited.
    """

    payments: Payments
    pace: RateLimiter

    async def open_checkout(self, sale: Sale, order: Order) -> CheckoutSession:
        """Call at once, unlimited."""
        return await self.payments.open_checkout(sale, order)

    async def expire_checkout(self, session: SessionId) -> bool:
        """Call at once, unlimited."""
        return await self.payments.expire_checkout(session)

    async def trace_payment(self, payment_intent: PaymentIntentId) -> PaymentTrace:
        """Call within the rate limit."""
        return await self._in_turn(lambda: self.payments.trace_payment(payment_intent))

    async def owner(self, subscription: SubscriptionId) -> Owner | None:
        """Call within the rate limit."""
        return await self._in_turn(lambda: self.payments.owner(subscription))

    async def invoice_page(self, invoice: InvoiceId) -> str | None:
        """Call within the rate limit."""
        return await self._in_turn(lambda: self.payments.invoice_page(invoice))

    async def subscription(self, subscription: SubscriptionId) -> SubscriptionChanged | None:
        """Call within the rate limit."""
        return await self._in_turn(lambda: self.payments.subscription(subscription))

    async def _in_turn(self, ask: Callable[[], Awaitable[T]]) -> T:
        await asyncio.sleep(await self.pace.turn())
        try:
            return await ask()
        except Outage as outage:
            if outage.retry_after is not None:
                await self.pace.hold_off(min(outage.retry_after, LONGEST_SILENCE))
            raise
