"""Events of a payment after it was made: refunds, disputes, fraud warnings and reviews."""

from datetime import datetime

from egpay.domain.events.event import EventBase
from egpay.domain.refunds import RefundStatus
from egpay.domain.values import InvoiceId, MessageId, PaymentIntentId, SubscriptionId


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
    """A payment was refunded; `amount_refunded` is the total at that time, in minor units.

    `currency` and `charge_amount` are those of its own charge, which may be the buyer's.
    """

    amount_refunded: int
    in_full: bool
    currency: str | None = None
    charge_amount: int | None = None


class RefundReported(PaymentEvent, frozen=True, kw_only=True, tag="refund_reported"):
    """A refund was made, or its status changed; it counts from its creation until it fails or is cancelled.

    `act` is the key of the operator's act that asked for it.
    """

    refund_id: str
    status: RefundStatus
    amount: int
    currency: str
    created_at: datetime | None = None
    failure_reason: str | None = None
    act: MessageId | None = None


class RefundRefused(EventBase, frozen=True, kw_only=True, tag="refund_refused"):
    """The provider refused for good the refund that an operator's act asked for; the words are the provider's.

    `sale_id` is set only for the sale's own payment.
    """

    payment_id: str
    act: MessageId
    amount: int
    code: str | None = None
    param: str | None = None
    request_id: str | None = None
    payment_intent_id: PaymentIntentId | None = None
    invoice_id: InvoiceId | None = None


class DisputeReported(PaymentEvent, frozen=True, kw_only=True, tag="dispute_reported"):
    """The buyer's bank disputes a payment, or the dispute changed; its `status` says all, a word of the provider's.

    `due_by` is None when nothing can be answered. `took_money`: whether its balance transactions did. `refundable`:
    whether the provider says that the charge can still be refunded.
    """

    dispute_id: str
    status: str
    amount: int | None = None
    currency: str | None = None
    due_by: datetime | None = None
    took_money: bool = False
    refundable: bool | None = None


class FraudWarningReported(PaymentEvent, frozen=True, kw_only=True, tag="fraud_warning_reported"):
    """The card's issuer reports a payment as fraudulent; `actionable` until it is refunded or disputed."""

    warning_id: str
    actionable: bool


class ReviewReported(PaymentEvent, frozen=True, kw_only=True, tag="review_reported"):
    """A review of a payment was opened, or closed for `closed_reason`."""

    review_id: str
    is_open: bool
    closed_reason: str | None = None
