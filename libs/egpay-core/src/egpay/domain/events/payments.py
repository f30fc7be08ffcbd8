"""Events of a payment after it was made: refunds and disputes."""

from egpay.domain.events.event import EventBase
from egpay.domain.values import InvoiceId, PaymentIntentId, SubscriptionId


class PaymentEvent(EventBase, frozen=True, kw_only=True):
    """Base of the events that name a payment by its intent, and not always what it is of.

    `sale_id` is set only for the sale's own payment; a renewal is identified by its `invoice_id`. `traced`: the
    provider was asked what it belongs to, and `subscription_id` is of its answer.
    """

    payment_intent_id: PaymentIntentId
    invoice_id: InvoiceId | None = None
    subscription_id: SubscriptionId | None = None
    traced: bool = False


class PaymentRefunded(PaymentEvent, frozen=True, kw_only=True, tag="payment_refunded"):
    """A payment was refunded; `amount_refunded` is the total at that time, in minor units."""

    amount_refunded: int
    in_full: bool


class RefundFailed(PaymentEvent, frozen=True, kw_only=True, tag="refund_failed"):
    """A refund, `refund_id`, of a payment failed, for instance because the buyer's account is closed."""

    refund_id: str
    amount: int
    currency: str


class DisputeOpened(PaymentEvent, frozen=True, kw_only=True, tag="dispute_opened"):
    """The buyer's bank disputed a payment; `dispute_id` distinguishes several disputes of one payment."""

    dispute_id: str


class DisputeClosed(PaymentEvent, frozen=True, kw_only=True, tag="dispute_closed"):
    """The bank decided a dispute."""

    dispute_id: str
    won: bool
