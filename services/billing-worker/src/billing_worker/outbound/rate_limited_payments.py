"""Rate-limited payments: spaces requests to the provider, so that our peak does not overload it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from egpay.domain.events import DisputeReported, SubscriptionChanged
from egpay.domain.order import Order
from egpay.domain.owner import Owner
from egpay.domain.sale import Sale
from egpay.domain.values import CustomerId, InvoiceId, PaymentIntentId, SessionId, SubscriptionId
from egpay.ports.payments import (
    CheckoutSession,
    OpenInvoice,
    Payments,
    PaymentTrace,
    RefundOrder,
    UnpaidRenewal,
)
from egpay.ports.rate_limiter import RateLimiter
from egpay.provider_calls import ProviderCalls

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RateLimitedPayments(Payments):
    """Payments behind the shared rate limiter; a pause that the provider asks for holds in all processes.

    What a buyer waits for at Checkout is not limited.
    """

    payments: Payments
    pace: RateLimiter
    calls: ProviderCalls

    async def create_customer(self, sale: Sale, order: Order, number: int = 1) -> CustomerId:
        """Call at once, unlimited."""
        return await self.payments.create_customer(sale, order, number)

    async def delete_customer(self, customer: CustomerId) -> bool:
        """Call within the rate limit."""
        return await self._in_turn(lambda: self.payments.delete_customer(customer))

    async def open_checkout(
        self, sale: Sale, order: Order, customer: CustomerId, *, known: bool = False
    ) -> CheckoutSession:
        """Call at once, unlimited."""
        return await self.payments.open_checkout(sale, order, customer, known=known)

    async def expire_checkout(self, session: SessionId) -> bool:
        """Call within the rate limit."""
        return await self._in_turn(lambda: self.payments.expire_checkout(session))

    async def trace_payment(self, payment_intent: PaymentIntentId) -> PaymentTrace:
        """Call within the rate limit."""
        return await self._in_turn(lambda: self.payments.trace_payment(payment_intent))

    async def owner(self, subscription: SubscriptionId) -> Owner | None:
        """Call within the rate limit."""
        return await self._in_turn(lambda: self.payments.owner(subscription))

    async def unpaid_renewal(self, subscription: SubscriptionId) -> UnpaidRenewal | None:
        """Call within the rate limit."""
        return await self._in_turn(lambda: self.payments.unpaid_renewal(subscription))

    async def open_invoice(self, invoice: InvoiceId) -> OpenInvoice | None:
        """Call within the rate limit."""
        return await self._in_turn(lambda: self.payments.open_invoice(invoice))

    async def subscription(self, subscription: SubscriptionId) -> SubscriptionChanged | None:
        """Call within the rate limit."""
        return await self._in_turn(lambda: self.payments.subscription(subscription))

    async def dispute(self, dispute_id: str) -> DisputeReported | None:
        """Call within the rate limit."""
        return await self._in_turn(lambda: self.payments.dispute(dispute_id))

    async def refund(self, order: RefundOrder, *, key: str) -> str:
        """Call within the rate limit."""
        return await self._in_turn(lambda: self.payments.refund(order, key=key))

    async def end_subscription(self, subscription: SubscriptionId, *, at_period_end: bool, key: str) -> None:
        """Call within the rate limit."""
        await self._in_turn(
            lambda: self.payments.end_subscription(subscription, at_period_end=at_period_end, key=key)
        )

    async def _in_turn(self, ask: Callable[[], Awaitable[T]]) -> T:
        async def in_turn() -> T:
            await asyncio.sleep(await self.pace.turn())
            return await ask()

        return await self.calls(in_turn)
