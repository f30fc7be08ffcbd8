"""Events of Checkout: a session was completed, expired, or its delayed payment failed."""

from egpay.domain.events.event import EventBase
from egpay.domain.values import (
    CustomerId,
    InvoiceId,
    PaymentIntentId,
    SessionId,
    SubscriptionId,
    TotalDetails,
)


class CheckoutCompleted(EventBase, frozen=True, kw_only=True, tag="checkout_completed"):
    """A buyer completed Checkout.

    `paid` is false while a delayed method is pending; the event comes again, `paid`, when the money has arrived.
    `subtotal` is what the lines cost before discount, tax and shipping, in the same currency.
    """

    session_id: SessionId
    paid: bool
    amount: int
    currency: str
    customer_id: CustomerId | None = None
    subscription_id: SubscriptionId | None = None
    invoice_id: InvoiceId | None = None
    payment_intent_id: PaymentIntentId | None = None
    totals: TotalDetails | None = None
    subtotal: int | None = None


class CheckoutExpired(EventBase, frozen=True, kw_only=True, tag="checkout_expired"):
    """A Checkout session expired unpaid."""

    session_id: SessionId


class CheckoutPaymentFailed(EventBase, frozen=True, kw_only=True, tag="checkout_payment_failed"):
    """A delayed payment of a Checkout session failed."""

    session_id: SessionId
