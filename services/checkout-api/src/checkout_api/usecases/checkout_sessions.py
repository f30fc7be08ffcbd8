"""Checkout sessions: opens them at the provider within a timeout, or raises why not."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, TypeAlias, TypeVar

from checkout_api.usecases.errors import PaymentProviderDown, PaymentProviderRefused
from checkout_api.usecases.orders_of_one_email import StoredSale
from egpay.domain.errors import Defect, Outage
from egpay.domain.order import Order
from egpay.domain.sale import Sale
from egpay.domain.values import CustomerId
from egpay.ports.payments import CheckoutSession

T = TypeVar("T")

CreateCustomer: TypeAlias = Callable[[Sale, Order, int], Awaitable[CustomerId]]
"""`create_customer` of the port Payments."""


class OpenCheckout(Protocol):
    """`open_checkout` of the port Payments."""

    def __call__(
        self, sale: Sale, order: Order, customer: CustomerId, *, known: bool = False
    ) -> Awaitable[CheckoutSession]:
        """Open the session of a sale."""
        ...


LONGEST_WAIT = 60.0
"""Seconds after which a buyer may try again at the latest: the provider's pause is for workers, and may last a day."""


@dataclass(frozen=True, slots=True)
class CheckoutSessions:
    """Customers and sessions of an order, over the part of the port Payments that it needs."""

    create_customer: CreateCustomer
    open_checkout: OpenCheckout
    patience: timedelta = timedelta(seconds=20)
    """Timeout of all answers of the provider to one order, as the buyer waits for them."""

    def deadline(self) -> float:
        """The time of the event loop at which an order that begins now is not waited for any longer."""
        return asyncio.get_running_loop().time() + self.patience.total_seconds()

    async def customer(self, kept: StoredSale, *, until: float) -> CustomerId:
        """Create the customer of a sale. Raises PaymentProviderDown, PaymentProviderRefused."""
        return await _in_time(self.create_customer(kept.sale, kept.order, kept.customer.number), until)

    async def open(self, kept: StoredSale, customer: CustomerId, *, until: float) -> CheckoutSession:
        """Open the session of a sale. Raises PaymentProviderDown, PaymentProviderRefused."""
        known = kept.customer.known
        return await _in_time(self.open_checkout(kept.sale, kept.order, customer, known=known), until)


async def _in_time(answer: Awaitable[T], until: float) -> T:
    try:
        async with asyncio.timeout_at(until):
            return await answer
    except TimeoutError:
        raise PaymentProviderDown("the payment provider is slow", retry_after=5) from None
    except Outage as outage:
        wait = min(outage.retry_after, LONGEST_WAIT) if outage.retry_after else None
        raise PaymentProviderDown(str(outage), retry_after=wait) from outage
    except Defect as defect:
        raise PaymentProviderRefused(str(defect), code=getattr(defect, "code", None)) from defect
