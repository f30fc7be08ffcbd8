"""Start checkout: stores an order as a sale, then opens its session, so that no crash loses it."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import msgspec

from checkout_api.usecases.checkout_sessions import CheckoutSessions
from checkout_api.usecases.errors import PaymentProviderRefused
from checkout_api.usecases.form_parser import ParsedForm, parse_form
from checkout_api.usecases.idempotency import claim
from checkout_api.usecases.order_form import OrderForm
from checkout_api.usecases.orders_of_one_email import StoredSale
from checkout_api.usecases.sale_transactions import (
    load_sale,
    store_refusal,
    store_sale,
    store_session,
)
from egpay.domain.countries import CHECKOUT_COUNTRIES
from egpay.domain.errors import EgpayError, Outage
from egpay.domain.values import CustomerId, SaleId
from egpay.ports.clock import Clock
from egpay.ports.payments import CheckoutSession
from egpay.ports.storage import Begin, UnitOfWork


class StartedCheckout(msgspec.Struct, frozen=True):
    """A sale and the session where it is paid."""

    sale_id: SaleId
    page: CheckoutSession


class _Asked(msgspec.Struct, frozen=True):
    """One request: the parsed form, its idempotency key, and the sale that the key led to before."""

    reading: ParsedForm
    key: str | None
    known: SaleId | None = None


@dataclass(frozen=True, slots=True)
class StartCheckout:
    """Validates an order, stores it as a sale, and opens a Checkout session for it and a customer of its own.

    An order is refused with everything that is wrong with it; a second subscription is refused for an e-mail that
    has one which goes on. Under one key the same order gives the same answer, also after a failure in the middle: the
    sale is then continued, not made again. With another key, or none, the same order leads to the sale that is open
    for it, if there is one; another order is a sale with a page of its own, and leaves every other page as it is.
    """

    begin: Begin
    pages: CheckoutSessions
    clock: Clock
    new_sale_id: Callable[[], SaleId]
    countries: frozenset[str] = CHECKOUT_COUNTRIES
    """Where devices can be sent to."""

    async def __call__(self, body: object, key: str | None = None) -> StartedCheckout:
        """Start a checkout for `body`, the order as decoded JSON.

        Raises the refusals of this package, and Outage when the database is away.
        """
        asked, kept = await self._first(body, key)
        try:
            return await self._opened(asked, kept)
        except EgpayError:
            await self._give_back(key)
            raise

    async def _first(self, body: object, key: str | None) -> tuple[_Asked, StoredSale]:
        now = self.clock()
        lease = self.pages.patience + timedelta(seconds=10)
        asked = _Asked(parse_form(OrderForm, body), key)
        async with self.begin() as uow:
            if key is not None and not asked.reading.errors:  # else no sale can have come of this body
                known = await claim(uow, key, body, at=now, lease=lease)
                asked = msgspec.structs.replace(asked, known=known)
            return asked, await self._keep(uow, asked)

    async def _keep(self, uow: UnitOfWork, asked: _Asked) -> StoredSale:
        now = self.clock()
        if asked.known is not None:
            kept = await load_sale(uow, asked.known, at=now)
        else:
            kept = await store_sale(
                uow, asked.reading, new_id=self.new_sale_id, at=now, countries=self.countries
            )
        if asked.key is not None:
            if kept.sale.id != asked.known:
                await uow.idempotency_keys.bind(asked.key, kept.sale.id)
            if kept.page is not None:
                await uow.idempotency_keys.release(asked.key, done=True)
        return kept

    async def _opened(self, asked: _Asked, kept: StoredSale) -> StartedCheckout:
        if kept.page is not None:
            return StartedCheckout(kept.sale.id, kept.page)
        page = await self.page(kept)
        async with self.begin() as uow:
            await store_session(uow, kept, page, at=self.clock())
            if asked.key is not None:
                await uow.idempotency_keys.release(asked.key, done=True)
        return StartedCheckout(kept.sale.id, page)

    async def page(self, kept: StoredSale) -> CheckoutSession:
        """Open the session; a refusal is kept with the sale where the database answers, and in the log in any case.

        The customer is stored before the session is asked for: what dies in between continues with it.
        """
        deadline = self.pages.deadline()
        try:
            customer = kept.customer.id or await self._new_customer(kept, until=deadline)
            return await self.pages.open(kept, customer, until=deadline)
        except PaymentProviderRefused as refusal:
            with contextlib.suppress(Outage):
                async with self.begin() as uow:
                    await store_refusal(uow, kept.sale, refusal, at=self.clock())
            raise

    async def _new_customer(self, kept: StoredSale, *, until: float) -> CustomerId:
        customer = await self.pages.customer(kept, until=until)
        async with self.begin() as uow:
            await uow.customers.store(customer, kept.sale.id, at=self.clock())
        return customer

    async def _give_back(self, key: str | None) -> None:
        """Release the key, so that a retry continues at once; when that fails, its lease expires."""
        if key is not None:
            with contextlib.suppress(Outage):
                async with self.begin() as uow:
                    await uow.idempotency_keys.release(key, done=False)
