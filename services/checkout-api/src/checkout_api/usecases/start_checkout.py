"""An order becomes a sale and a page to pay it on; the sale is kept before Stripe is asked, so nothing loses it."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeAlias

import msgspec

from checkout_api.usecases.form_reader import read_form
from checkout_api.usecases.idempotency import claim
from checkout_api.usecases.order_form import OrderForm
from checkout_api.usecases.refusals import PaymentProviderDown, PaymentProviderRefused
from checkout_api.usecases.sale_keeping import KeptSale, find_kept_sale, keep_new_sale, keep_page
from egpay.domain.errors import Defect, EgpayError, Outage
from egpay.domain.order import Order
from egpay.domain.sale import Sale
from egpay.domain.values import SaleId
from egpay.ports.clock import Clock
from egpay.ports.payments import CheckoutSession
from egpay.ports.storage import Begin

OpenCheckout: TypeAlias = Callable[[Sale, Order], Awaitable[CheckoutSession]]
"""All that an order needs of the port Payments: its `open_checkout`."""


class StartedCheckout(msgspec.Struct, frozen=True):
    """A sale and the page where it is paid."""

    sale_id: SaleId
    page: CheckoutSession


@dataclass(frozen=True, slots=True)
class StartCheckout:
    """Take an order, keep it as a sale, and open a page to pay it on.

    An order is refused with everything that is wrong with it; a second subscription is refused for an e-mail that
    has a live one. Under one key the same order gives the same answer, also after a failure in the middle: the
    sale is then continued, not made again. Without a key every order is a new sale.
    """

    begin: Begin
    open_checkout: OpenCheckout
    clock: Clock
    new_sale_id: Callable[[], SaleId]
    patience: timedelta = timedelta(seconds=20)
    """How long the buyer is left waiting for the payment provider."""

    async def __call__(self, body: object, key: str | None = None) -> StartedCheckout:
        """Take `body`, the order as decoded JSON. Raises the refusals of this package, and Outage when the database
        is away."""
        kept = await self._keep(body, key)
        if kept.page is not None:
            return StartedCheckout(kept.sale.id, kept.page)
        try:
            page = await self._open(kept)
        except EgpayError:
            await self._give_back(key)
            raise
        async with self.begin() as uow:
            await keep_page(uow, kept, page, at=self.clock())
            if key is not None:
                await uow.idempotency_keys.release(key, done=True)
        return StartedCheckout(kept.sale.id, page)

    async def _keep(self, body: object, key: str | None) -> KeptSale:
        now = self.clock()
        lease = self.patience + timedelta(seconds=10)
        reading = read_form(OrderForm, body)
        async with self.begin() as uow:
            if key is not None and not reading.errors:  # else no sale can have come of this body
                known = await claim(uow, key, body, at=now, lease=lease)
                if known is not None:
                    return await find_kept_sale(uow, known, at=now)
            kept = await keep_new_sale(uow, reading, new_id=self.new_sale_id, at=now)
            if key is not None:
                await uow.idempotency_keys.bind(key, kept.sale.id)
            return kept

    async def _open(self, kept: KeptSale) -> CheckoutSession:
        try:
            async with asyncio.timeout(self.patience.total_seconds()):
                return await self.open_checkout(kept.sale, kept.order)
        except TimeoutError:
            raise PaymentProviderDown("the payment provider is slow", retry_after=5) from None
        except Outage as outage:
            raise PaymentProviderDown(str(outage), retry_after=outage.retry_after) from outage
        except Defect as defect:
            raise PaymentProviderRefused(str(defect)) from defect

    async def _give_back(self, key: str | None) -> None:
        """Let the next request with this key continue at once; if that cannot be said, its lease runs out."""
        if key is not None:
            with contextlib.suppress(Outage):
                async with self.begin() as uow:
                    await uow.idempotency_keys.release(key, done=False)
