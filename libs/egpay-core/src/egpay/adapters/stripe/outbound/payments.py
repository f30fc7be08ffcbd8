"""Stripe payments: opens Checkout sessions, and looks up what webhooks leave in doubt."""

import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec

from egpay.adapters.stripe.inbound.envelope import EventHeader, conservative_now
from egpay.adapters.stripe.inbound.subscription import SubscriptionView, report
from egpay.adapters.stripe.inbound.translated import NotUnderstood
from egpay.adapters.stripe.outbound.billing_portal import open_portal
from egpay.adapters.stripe.outbound.checkout import expire, session_params
from egpay.adapters.stripe.outbound.client import CachedFailure, StripeApi, connect, path_id, read
from egpay.adapters.stripe.outbound.customers import KnownObject, customer_params, delete
from egpay.adapters.stripe.outbound.lookups import (
    look_up_dispute,
    look_up_owner,
    look_up_payment,
    look_up_unpaid_renewal,
)
from egpay.adapters.stripe.outbound.open_invoices import look_up_invoice_page, look_up_open_invoice
from egpay.adapters.stripe.outbound.refunds import make_refund
from egpay.adapters.stripe.outbound.subscription_end import end_subscription
from egpay.domain.errors import Defect
from egpay.domain.events import DisputeReported, Source, SubscriptionChanged
from egpay.domain.order import Order
from egpay.domain.owner import Owner
from egpay.domain.sale import Sale
from egpay.domain.values import CustomerId, InvoiceId, MessageId, PaymentIntentId, SessionId, SubscriptionId
from egpay.ports.clock import Clock
from egpay.ports.payments import CheckoutSession, OpenInvoice, PaymentTrace, RefundOrder, UnpaidRenewal

T = TypeVar("T")

FURTHER_KEYS = 3
"""Further idempotency keys to try after Stripe has cached a failure of its own under one."""


class OpenSession(msgspec.Struct, frozen=True):
    """URL of a session, and the Unix time at which it expires."""

    id: SessionId
    url: str
    expires_at: int | None = None


async def unmarked() -> None:
    """No installation: for a client that opens no Checkout."""


@dataclass(frozen=True, slots=True)
class StripePayments:
    """Port `Payments` over Stripe's API.

    The buyer returns to `success_url` or `cancel_url`; `{sale_id}` in them is replaced. What Checkout makes bears the
    mark of `installation`. `promotion_codes`: its page takes one."""

    api: StripeApi
    clock: Clock
    success_url: str
    cancel_url: str
    installation: Callable[[], Awaitable[str | None]] = unmarked
    promotion_codes: bool = False

    @classmethod
    def connect(
        cls,
        *,
        secret_key: str,
        storefront_url: str,
        clock: Clock,
        api_base: str | None = None,
        installation: Callable[[], Awaitable[str | None]] = unmarked,
        promotion_codes: bool = False,
    ) -> "StripePayments":
        """Connect to Stripe, or to the sandbox at `api_base`; buyers return to the storefront."""
        storefront = storefront_url.rstrip("/")
        return cls(
            api=connect(secret_key, api_base=api_base),
            clock=clock,
            success_url=f"{storefront}/success?sale={{sale_id}}",
            cancel_url=f"{storefront}/cancelled?sale={{sale_id}}",
            installation=installation,
            promotion_codes=promotion_codes,
        )

    async def create_customer(self, sale: Sale, order: Order, number: int = 1) -> CustomerId:
        """Create the Customer of an order; the idempotency key makes it one for each `number`."""
        params = customer_params(sale, order, installation=await self.installation())
        made = await self._created("/v1/customers", params, KnownObject, key=f"customer:{sale.id}:{number}")
        return CustomerId(path_id(made.id, "customer"))

    async def delete_customer(self, customer: CustomerId) -> bool:
        """Delete a Customer, unless it has a subscription."""
        return await delete(self.api, customer)

    async def open_checkout(
        self, sale: Sale, order: Order, customer: CustomerId, *, known: bool = False
    ) -> CheckoutSession:
        """Open a Checkout session; the idempotency key makes it one for each attempt of a sale and its Customer."""
        params = session_params(
            sale,
            order,
            customer=customer,
            known=known,
            success_url=self.success_url,
            cancel_url=self.cancel_url,
            installation=await self.installation(),
            promotion_codes=self.promotion_codes,
        )
        key = f"checkout:{sale.id}:{sale.session_attempt}:{path_id(customer, 'customer')}"
        key += ":promotions" if self.promotion_codes else ""  # a key stands for one set of parameters
        session = await self._created("/v1/checkout/sessions", params, OpenSession, key=key)
        closes = datetime.fromtimestamp(session.expires_at, UTC) if session.expires_at else None
        path_id(session.id, "session")  # it will stand in one, when it is expired
        return CheckoutSession(id=session.id, url=session.url, expires_at=closes)

    async def expire_checkout(self, session: SessionId) -> bool:
        """Expire a session; false when it is completed."""
        return await expire(self.api, session, at=self.clock())

    async def trace_payment(self, payment_intent: PaymentIntentId) -> PaymentTrace:
        """The sale if this is the payment of the order itself; the invoice also if it is a renewal's."""
        return await look_up_payment(self.api, payment_intent)

    async def subscription(self, subscription: SubscriptionId) -> SubscriptionChanged | None:
        """The state of a subscription, dated two whole seconds before we asked.

        A report dated too early loses to the webhook of a later change, which is right; one dated too late,
        by a clock that is fast, would hide that change for good."""
        now = self.clock()
        answer = await self.api.get(f"/v1/subscriptions/{path_id(subscription, 'subscription')}")
        if answer is None:
            return None
        message_id = MessageId(f"reconcile:{subscription}:{int(now.timestamp())}")
        dated = conservative_now(now)
        about = EventHeader(id=message_id, occurred_at=dated, source=Source.RECONCILE)
        found = read(answer, SubscriptionView)
        try:
            return report(about, found, found.standing())
        except NotUnderstood as fault:
            raise Defect(f"Stripe's subscription is not understood: {fault}") from None

    async def dispute(self, dispute_id: str) -> DisputeReported | None:
        """The state of a dispute, dated as that of a subscription."""
        return await look_up_dispute(self.api, dispute_id, at=self.clock())

    async def refund(self, order: RefundOrder, *, key: str) -> str:
        """Create a refund under an idempotency key, marked with its act."""
        return await make_refund(self.api, order, key=key, installation=await self.installation())

    async def end_subscription(self, subscription: SubscriptionId, *, at_period_end: bool, key: str) -> None:
        """End a subscription under an idempotency key."""
        await end_subscription(self.api, subscription, at_period_end=at_period_end, key=key)

    async def owner(self, subscription: SubscriptionId) -> Owner | None:
        """The owner of a subscription, by its customer."""
        return await look_up_owner(self.api, subscription)

    async def unpaid_renewal(self, subscription: SubscriptionId) -> UnpaidRenewal | None:
        """The oldest of its open invoices, by when it fell due."""
        return await look_up_unpaid_renewal(self.api, subscription)

    async def open_invoice(self, invoice: InvoiceId) -> OpenInvoice | None:
        """What is owed by an invoice now, and the current billing address of its customer."""
        return await look_up_open_invoice(self.api, invoice)

    async def invoice_page(self, invoice: InvoiceId) -> str | None:
        """The hosted page of an invoice."""
        return await look_up_invoice_page(self.api, invoice)

    async def open_portal(self, customer: CustomerId, *, return_url: str, key: str) -> str:
        """Open a fresh session of a customer's billing portal; returns its URL."""
        installation = await self.installation()
        return await open_portal(
            self.api, customer, return_url=return_url, key=key, installation=installation
        )

    async def _created(self, path: str, params: Mapping[str, Any], kind: type[T], *, key: str) -> T:
        """The object under the first key without a cached failure; always the same object."""
        for further in (key, *(f"{key}:again:{n}" for n in range(1, FURTHER_KEYS))):
            with contextlib.suppress(CachedFailure):
                return read(await self.api.post(path, params, idempotency_key=further), kind)
        return read(await self.api.post(path, params, idempotency_key=f"{key}:again:{FURTHER_KEYS}"), kind)

    async def aclose(self) -> None:
        """Close the connections."""
        await self.api.aclose()
