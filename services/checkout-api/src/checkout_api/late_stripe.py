"""Stripe's client, loaded beside the first requests and not before them: its package takes a third of a second."""

import asyncio
import contextlib
import importlib

from egpay.adapters.system.clock import utc_now
from egpay.domain.events import SubscriptionChanged
from egpay.domain.order import Order
from egpay.domain.sale import Sale
from egpay.domain.values import PaymentIntentId, SubscriptionId
from egpay.ports.payments import CheckoutSession, Payments, PaymentTrace
from egpay.settings import CheckoutApi


class LateStripe:
    """Payments over Stripe, made once: in the background after `warm_up`, or when first asked."""

    def __init__(self, settings: CheckoutApi) -> None:
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
        return await (await self._stripe()).open_checkout(sale, order)

    async def trace_payment(self, payment_intent: PaymentIntentId) -> PaymentTrace:
        """As StripePayments."""
        return await (await self._stripe()).trace_payment(payment_intent)

    async def subscription(self, subscription: SubscriptionId) -> SubscriptionChanged | None:
        """As StripePayments."""
        return await (await self._stripe()).subscription(subscription)

    async def aclose(self) -> None:
        """Let go of the connections."""
        if self._made is not None:
            await asyncio.wait({self._made})
        await self._closing.aclose()

    async def _stripe(self) -> Payments:
        return await asyncio.shield(self.warm_up())

    async def _make(self) -> Payments:
        await asyncio.to_thread(importlib.import_module, "stripe")
        from egpay.adapters.stripe.payments import StripePayments

        payments = StripePayments.connect(
            secret_key=self._settings.stripe_secret_key.reveal(),
            storefront_url=self._settings.storefront_url,
            clock=utc_now,
            api_base=self._settings.stripe_api_base,
        )
        self._closing.push_async_callback(payments.aclose)
        return payments
