"""Checkout sessions: opens and expires them at the provider within a timeout, or raises why not."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeAlias, TypeVar

from checkout_api.usecases.errors import AlreadySubscribed, PaymentProviderDown, PaymentProviderRefused
from checkout_api.usecases.one_open_order import StoredSale
from egpay.domain.errors import Defect, Outage
from egpay.domain.order import Order
from egpay.domain.sale import Sale
from egpay.domain.values import SessionId
from egpay.ports.payments import CheckoutSession

T = TypeVar("T")

OpenCheckout: TypeAlias = Callable[[Sale, Order], Awaitable[CheckoutSession]]
"""`open_checkout` of the port Payments."""

ExpireCheckout: TypeAlias = Callable[[SessionId], Awaitable[bool]]
"""`expire_checkout` of the port Payments."""

LONGEST_WAIT = 60.0
"""Seconds after which a buyer may try again at the latest: the provider's pause is for workers, and may last a day."""


@dataclass(frozen=True, slots=True)
class CheckoutSessions:
    """Sessions of an order, over the part of the port Payments that it needs."""

    open_checkout: OpenCheckout
    expire_checkout: ExpireCheckout
    patience: timedelta = timedelta(seconds=20)
    """Timeout of one answer of the provider, as the buyer waits for it."""

    async def open(self, kept: StoredSale) -> CheckoutSession:
        """Open the session of a sale. Raises PaymentProviderDown, PaymentProviderRefused."""
        return await self._in_time(self.open_checkout(kept.sale, kept.order))

    async def close(self, older: StoredSale) -> SessionId | None:
        """Expire the session of an older sale, so that it cannot be paid any more; return its id.

        None when it can have no session. Raises AlreadySubscribed when it has been paid, and what `open` raises. The
        request of the older order may not have stored its session yet, or may never: opening it again yields the same
        one.
        """
        page = older.sale.checkout_session_id
        if page is None:
            try:
                page = (await self.open(older)).id
            except PaymentProviderRefused:
                return None
        if not await self._in_time(self.expire_checkout(page)):
            raise AlreadySubscribed("a subscription for this e-mail has just been ordered")
        return page

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
            raise PaymentProviderRefused(str(defect)) from defect
