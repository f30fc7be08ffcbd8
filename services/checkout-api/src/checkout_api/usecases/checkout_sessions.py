"""The payment provider's pages as a buyer may wait for them: opened and closed within a time, or told why not."""

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
"""The port Payments: its `open_checkout`."""

ExpireCheckout: TypeAlias = Callable[[SessionId], Awaitable[bool]]
"""The port Payments: its `expire_checkout`."""


@dataclass(frozen=True, slots=True)
class CheckoutSessions:
    """All that an order needs of the port Payments."""

    open_checkout: OpenCheckout
    expire_checkout: ExpireCheckout
    patience: timedelta = timedelta(seconds=20)
    """How long the buyer is left waiting for one answer of the provider."""

    async def open(self, kept: StoredSale) -> CheckoutSession:
        """The page of a sale. Raises PaymentProviderDown, PaymentProviderRefused."""
        return await self._in_time(self.open_checkout(kept.sale, kept.order))

    async def close(self, older: StoredSale) -> SessionId | None:
        """Make sure that nobody pays for an older sale any more; return the page that is closed, None when there can
        be none. Raises AlreadySubscribed when somebody has paid, and what `open` raises.

        Whoever placed the older order may not have heard yet which page it got, or may never hear: asking for that
        page again yields the same one.
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
            raise PaymentProviderDown(str(outage), retry_after=outage.retry_after) from outage
        except Defect as defect:
            raise PaymentProviderRefused(str(defect)) from defect
