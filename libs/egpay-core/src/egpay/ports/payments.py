"""Payment provider: opens Checkout sessions, and answers what its webhooks leave open."""

from datetime import datetime
from typing import Protocol

import msgspec

from egpay.domain.events import DisputeReported, SubscriptionChanged
from egpay.domain.order import Order
from egpay.domain.owner import Owner
from egpay.domain.sale import Sale
from egpay.domain.values import (
    CustomerId,
    InvoiceId,
    MessageId,
    PaymentIntentId,
    SaleId,
    SessionId,
    SubscriptionId,
)


class CheckoutSession(msgspec.Struct, frozen=True):
    """Checkout session: the provider's page where the buyer pays.

    The fragment of `url` belongs to it and must survive. `expires_at` (UTC) is when it closes by itself; None
    when the provider did not say.
    """

    id: SessionId
    url: str
    expires_at: datetime | None = None


class PaymentTrace(msgspec.Struct, frozen=True, kw_only=True):
    """Payment lookup: the sale or invoice a payment belongs to, and whose mark it bears.

    `sale_id` is set only for the sale's own payment (of its session, or of the first invoice); a renewal has
    its invoice alone.
    """

    sale_id: SaleId | None = None
    invoice_id: InvoiceId | None = None
    subscription_id: SubscriptionId | None = None
    installation: str | None = None


class OpenInvoice(msgspec.Struct, frozen=True, kw_only=True):
    """Open invoice: what is owed now, and whether the provider will try to collect it again.

    `email` is the customer's current billing address. Of an invoice that is sent (`by_invoice`) the due date counts.
    `subscription_ended` says that what it bills is over.
    """

    url: str
    amount: int
    currency: str
    next_attempt_at: datetime | None = None
    by_invoice: bool = False
    due_at: datetime | None = None
    email: str | None = None
    subscription_ended: bool = False


class UnpaidRenewal(msgspec.Struct, frozen=True, kw_only=True):
    """Unpaid renewal: an open invoice of a subscription, and since when it is owed."""

    invoice_id: InvoiceId
    owed_since: datetime


class RefundOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Refund order: how much of which payment goes back, in minor units, and the act that asks for it.

    The invoice names the payment where its intent is not known.
    """

    act: MessageId
    amount: int
    currency: str
    payment_intent_id: PaymentIntentId | None = None
    invoice_id: InvoiceId | None = None
    sale_id: SaleId | None = None


class Payments(Protocol):
    """Payment provider: Stripe today.

    Every method raises Outage when the provider is down, slow or asks for a later retry (PausedByProvider when
    all requests are to wait, RefusedByProvider when it does not accept us), and Defect when it refuses our
    request.
    """

    async def create_customer(self, sale: Sale, order: Order, number: int = 1) -> CustomerId:
        """Create the customer of an order; idempotent for one `number`, as long as the provider keeps its keys."""
        ...

    async def delete_customer(self, customer: CustomerId) -> bool:
        """Delete a customer; False when it has a subscription. True also when it is deleted or unknown."""
        ...

    async def open_checkout(
        self, sale: Sale, order: Order, customer: CustomerId, *, known: bool = False
    ) -> CheckoutSession:
        """Open the Checkout session of a sale; idempotent for one `session_attempt` and customer.

        Its page changes nothing of a customer that was `known` before the sale.
        """
        ...

    async def expire_checkout(self, session: SessionId) -> bool:
        """Expire a Checkout session, so that it takes no payment; False when its buyer has completed it.

        True also when it is closed or unknown.
        """
        ...

    async def trace_payment(self, payment_intent: PaymentIntentId) -> PaymentTrace:
        """Look up the sale or invoice a payment belongs to."""
        ...

    async def owner(self, subscription: SubscriptionId) -> Owner | None:
        """Look up the owner of a subscription; None when it is unknown or its customer has no e-mail."""
        ...

    async def open_invoice(self, invoice: InvoiceId) -> OpenInvoice | None:
        """What is owed by an invoice, as it is now; None when it cannot be paid (any more)."""
        ...

    async def unpaid_renewal(self, subscription: SubscriptionId) -> UnpaidRenewal | None:
        """Look up the oldest unpaid renewal of a subscription; None when nothing is owed."""
        ...

    async def subscription(self, subscription: SubscriptionId) -> SubscriptionChanged | None:
        """The current state of a subscription; None when it is unknown at the provider."""
        ...

    async def dispute(self, dispute_id: str) -> DisputeReported | None:
        """The current state of a dispute; None when it is unknown at the provider."""
        ...

    async def refund(self, order: RefundOrder, *, key: str) -> str:
        """Give money back, once for each act, however often and late it is asked; returns the refund's id.

        Raises RequestRefused when the provider refuses it for good."""
        ...

    async def end_subscription(self, subscription: SubscriptionId, *, at_period_end: bool, key: str) -> None:
        """End a subscription, at once or with its period; one that has ended stays as it is.

        `key` is the same at each try, so that the provider recognises it."""
        ...
