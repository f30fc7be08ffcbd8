"""Events of an invoice: it was settled, a try to collect it failed, or the payer must confirm it."""

from egpay.domain.events.event import EventBase
from egpay.domain.values import CustomerId, InvoiceId, PaymentIntentId, SubscriptionId


class InvoicePaid(EventBase, frozen=True, kw_only=True, tag="invoice_paid"):
    """An invoice was settled, by card or out of band.

    `initial` is true for the invoice of the order itself, and false for renewals; `amount` in minor units may
    be 0 (a trial).
    """

    invoice_id: InvoiceId
    amount: int
    currency: str
    initial: bool
    subscription_id: SubscriptionId | None = None
    customer_id: CustomerId | None = None
    payment_intent_id: PaymentIntentId | None = None


class InvoicePaymentFailed(EventBase, frozen=True, kw_only=True, tag="invoice_payment_failed"):
    """A try to collect an invoice failed; `attempt` counts from 1."""

    invoice_id: InvoiceId
    attempt: int
    initial: bool
    subscription_id: SubscriptionId | None = None


class PaymentActionRequired(EventBase, frozen=True, kw_only=True, tag="payment_action_required"):
    """The payer's bank wants a payment of an invoice confirmed (3-D Secure)."""

    invoice_id: InvoiceId
    initial: bool
    subscription_id: SubscriptionId | None = None
