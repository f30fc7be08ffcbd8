"""Events of an invoice: it was settled, or a try to collect it failed."""

from datetime import datetime

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
    """A try to collect an invoice failed; `attempt` counts from 1.

    `owed_since` is when it fell due: its due date, else when it was finalised; None in messages of older releases.
    """

    invoice_id: InvoiceId
    attempt: int
    initial: bool
    subscription_id: SubscriptionId | None = None
    owed_since: datetime | None = None


class InvoiceClosed(EventBase, frozen=True, kw_only=True, tag="invoice_closed"):
    """An invoice will not be paid as it is: `voided`, or else given up as uncollectible."""

    invoice_id: InvoiceId
    voided: bool
    initial: bool
    currency: str
    subscription_id: SubscriptionId | None = None
