"""Checkout sessions: opens them at the provider within a timeout, or raises why not."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeAlias, TypeVar

from checkout_api.usecases.errors import PaymentProviderDown, PaymentProviderRefused
from checkout_api.usecases.orders_of_one_email import StoredSale
from egpay.domain.errors import Defect, Outage
from egpay.domain.order import Order
from egpay.domain.sale import Sale
from egpay.ports.payments import CheckoutSession

T = TypeVar("T")

OpenCheckout: TypeAlias = Callable[[Sale, Order], Awaitable[CheckoutSession]]
"""`open_checkout` of the port Payments."""

LONGEST_WAIT = 60.0
"""Seconds after which a buyer may try again at the latest: the provider's pause is for workers, and may last a day."""


@dataclass(frozen=True, slots=True)
class CheckoutSessions:
    """Sessions of an order, over the part of the port Payments that it needs."""

    open_checkout: OpenCheckout
    patience: timedelta = timedelta(seconds=20)
    """Timeout of one answer of the provider, as the buyer waits for it."""

    async def open(self, kept: StoredSale) -> CheckoutSession:
        """Open the session of a sale. Raises PaymentProviderDown, PaymentProviderRefused."""
        return await self._in_time(self.open_checkout(kept.sale, kept.order))

    async def _in_time(self, answer: Awaitable[T]) -> T:
        try:
            async with asyncio.timeout(self.patience.total_seconds()):
                return await answer
        except TimeoutError:
            raise PaymentProviderDown("the payment provider is slow", retry_after=5) from None
        except Outage as outage:
            wait = min(outage.retry_after, LONGEST_WAIT) if outage.retry_after else None
            raise PaymentProviderDown(str(outage), retry_after=wait) from outage
        except Defect as defect:
            raise PaymentProviderRefused(str(defect), code=getattr(defect, "code", None)) from defect
