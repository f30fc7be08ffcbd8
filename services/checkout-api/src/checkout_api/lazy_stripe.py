"""Stripe's client, loaded beside the first requests and not before them: its package takes a third of a second."""

import asyncio
import contextlib
import importlib

from checkout_api.settings import CheckoutApiSettings
from egpay.adapters.system.clock import utc_now
from egpay.domain.order import Order
from egpay.domain.sale import Sale
from egpay.domain.values import SessionId
from egpay.ports.payments import CheckoutSession, Payments


class LazyStripe:
    """Opens and closes pages at Stripe, with a client that is made once: after `warm_up`, or when first needed."""

    def __init__(self, settings: CheckoutApiSettings) -> None:
        """Load nothing yet."""
        self._settings = settings
        self._made: asyncio.Task[Payments] | None = None
        self._closing = contextlib.AsyncExitStack()

    def warm_up(self) -> asyncio.Task[Payments]:
        """Begin to load."""
        if self._made is None:
            self._made = asyncio.create_task(self._make(), name="stripe")
        return self._made

    async def open_checkout(self, sale: Sale, order: Order) -> CheckoutSession:
        """As StripePayments."""
        payments = await asyncio.shield(self.warm_up())
        return await payments.open_checkout(sale, order)

    async def expire_checkout(self, session: SessionId) -> bool:
        """As StripePayments."""
        payments = await asyncio.shield(self.warm_up())
        return await payments.expire_checkout(session)

    async def aclose(self) -> None:
        """Let go of the connections."""
        if self._made is not None:
            await asyncio.wait({self._made})
        await self._closing.aclose()

    async def _make(self) -> Payments:
        await asyncio.to_thread(importlib.import_module, "stripe")
        from egpay.adapters.stripe.outbound.payments import StripePayments

        payments = StripePayments.connect(
            secret_key=self._settings.stripe_secret_key.reveal(),
            storefront_url=self._settings.storefront_url,
            clock=utc_now,
            api_base=self._settings.stripe_api_base,
        )
        self._closing.push_async_callback(payments.aclose)
        return payments
