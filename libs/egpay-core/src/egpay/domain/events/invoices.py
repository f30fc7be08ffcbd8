"""Events of an invoice: it was settled, a try to collect it failed, or the payer must confirm it."""

from datetime import datetime

from egpay.domain.events.event import EventBase
from egpay.domain.values import CustomerId, InvoiceId, PaymentIntentId, SubscriptionId


class InvoicePaid(EventBase, frozen=True, kw_only=True, tag="invoice_paid"):
    """An invoice was settled, by card or out of band.

    `initial` is true for the invoice of the order itself, and false for renewals; `amount` in minor units may
    be 0 (a trial). `subtotal` is what the lines cost before discount, tax and shipping, `credited` what a credit note
    took off before it was paid.
    """

    invoice_id: InvoiceId
    amount: int
    currency: str
    initial: bool
    subscription_id: SubscriptionId | None = None
    customer_id: CustomerId | None = None
    payment_intent_id: PaymentIntentId | None = None
    out_of_band: bool = False
    subtotal: int | None = None
    credited: int = 0


class InvoicePaymentFailed(EventBase, frozen=True, kw_only=True, tag="invoice_payment_failed"):
    """A try to collect an invoice failed; `attempt` counts from 1.

    `owed_since` is when it fell due: its due date, else when it was finalised; None in messages of older releases.
    """

    invoice_id: InvoiceId
    attempt: int
    initial: bool
    subscription_id: SubscriptionId | None = None
    owed_since: datetime | None = None


class InvoicePaymentLinked(EventBase, frozen=True, kw_only=True, tag="invoice_payment_linked"):
    """A payment intent paid an invoice: later refunds and disputes name nothing but the intent."""

    invoice_id: InvoiceId
    payment_intent_id: PaymentIntentId


class InvoiceClosed(EventBase, frozen=True, kw_only=True, tag="invoice_closed"):
    """An invoice will not be paid as it is: `voided`, or else given up as uncollectible."""

    invoice_id: InvoiceId
    voided: bool
    initial: bool
    currency: str
    subscription_id: SubscriptionId | None = None


class CreditNoteReported(EventBase, frozen=True, kw_only=True, tag="credit_note_reported"):
    """A credit note of an invoice was made, changed or voided.

    `given_back` is only what it paid out of band or put on the customer's balance: a refund that it is linked to is
    reported by itself. `owed_less` is the part from before the payment.
    """

    credit_note_id: str
    invoice_id: InvoiceId
    currency: str
    given_back: int
    owed_less: int = 0
    voided: bool = False


class PaymentActionRequired(EventBase, frozen=True, kw_only=True, tag="payment_action_required"):
    """The payer's bank wants a payment of an invoice confirmed (3-D Secure)."""

    invoice_id: InvoiceId
    initial: bool
    subscription_id: SubscriptionId | None = None
