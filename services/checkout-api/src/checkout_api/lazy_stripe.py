"""Lazy Stripe client: loads Stripe's package beside the first requests, not before them.

The import takes a third of a second.
"""

import asyncio
import contextlib
import importlib
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from checkout_api.settings import CheckoutApiSettings
from egpay.adapters.stripe.inbound.webhooks import is_live
from egpay.adapters.system.clock import utc_now
from egpay.domain.order import Order
from egpay.domain.sale import Sale
from egpay.domain.values import CustomerId, InvoiceId, SessionId
from egpay.ports.inbox import Receipt
from egpay.ports.payments import CheckoutSession

if TYPE_CHECKING:
    from egpay.adapters.stripe.outbound.payments import StripePayments


class LazyStripe:
    """Creates customers and opens sessions with a client made once: after `warm_up`, or at first use."""

    def __init__(
        self, settings: CheckoutApiSettings, installation: Callable[[], Awaitable[str | None]] | None = None
    ) -> None:
        """Hold the settings and who knows this installation's id; load nothing yet."""
        self._settings = settings
        self._installation = installation
        self._made: asyncio.Task[StripePayments] | None = None
        self._closing = contextlib.AsyncExitStack()

    def warm_up(self) -> asyncio.Task["StripePayments"]:
        """Start loading, once."""
        if self._made is None:
            self._made = asyncio.create_task(self._make(), name="stripe")
        return self._made

    async def create_customer(self, sale: Sale, order: Order, number: int = 1) -> CustomerId:
        """Create a sale's customer (port Payments)."""
        payments = await asyncio.shield(self.warm_up())
        return await payments.create_customer(sale, order, number)

    async def open_checkout(
        self, sale: Sale, order: Order, customer: CustomerId, *, known: bool = False
    ) -> CheckoutSession:
        """Open a sale's session (port Payments)."""
        payments = await asyncio.shield(self.warm_up())
        return await payments.open_checkout(sale, order, customer, known=known)

    async def open_portal(self, customer: CustomerId, key: str, customer_token: str) -> str:
        """Open a session of a customer's billing portal, which leads back to the storefront.

        The token is in the fragment, which no browser sends to a server, so that no log has it.
        """
        payments = await asyncio.shield(self.warm_up())
        back = f"{self._settings.storefront_url.rstrip('/')}/#customer_token={customer_token}"
        return await payments.open_portal(customer, return_url=back, key=key)

    async def invoice_page(self, invoice: InvoiceId) -> str | None:
        """The address of an invoice's page; None where it has none."""
        payments = await asyncio.shield(self.warm_up())
        return await payments.invoice_page(invoice)

    async def look_at_session(self, session: SessionId) -> Sequence[Receipt]:
        """A session that ended, as the reconciliation reads it, with the subscription it led to."""
        from egpay.adapters.stripe.outbound.history import StripeHistory

        payments = await asyncio.shield(self.warm_up())
        live = is_live(self._settings.stripe_secret_key.reveal())
        return await StripeHistory(payments.api, live, utc_now).session(session)

    async def aclose(self) -> None:
        """Close the connections, after a load that is under way."""
        if self._made is not None:
            await asyncio.wait({self._made})
        await self._closing.aclose()

    async def _make(self) -> "StripePayments":
        await asyncio.to_thread(importlib.import_module, "stripe")
        from egpay.adapters.stripe.outbound.payments import StripePayments

        payments = StripePayments.connect(
            secret_key=self._settings.stripe_secret_key.reveal(),
            storefront_url=self._settings.storefront_url,
            clock=utc_now,
            api_base=self._settings.stripe_api_base,
            promotion_codes=self._settings.promotion_codes == "on",
            **({"installation": self._installation} if self._installation else {}),
        )
        self._closing.push_async_callback(payments.aclose)
        return payments
