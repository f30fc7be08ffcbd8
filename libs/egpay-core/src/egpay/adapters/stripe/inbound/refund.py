"""Refund translation: money that goes back from its creation, and does not when it fails or is cancelled.

docs.stripe.com/api/refunds/object
"""

import msgspec

from egpay.adapters.stripe.inbound.envelope import EventHeader, Timestamp, moment
from egpay.adapters.stripe.inbound.translated import (
    Amount,
    Currency,
    PaymentIntentRef,
    Translated,
    object_id,
    payment_intent_of,
    required,
)
from egpay.domain.events import RefundReported
from egpay.domain.refunds import RefundStatus
from egpay.domain.values import MessageId, is_id


class ActMark(msgspec.Struct, frozen=True):
    """The part of a refund's metadata that names the operator's act."""

    egpay_act: str | None = None


class RefundView(msgspec.Struct, frozen=True, kw_only=True):
    """Fields of a refund that hold how far it is."""

    id: str | None = None
    payment_intent: PaymentIntentRef = msgspec.UNSET
    amount: Amount | None = None
    currency: Currency | None = None
    status: str | msgspec.UnsetType | None = msgspec.UNSET
    created: Timestamp | None = None
    failure_reason: str | None = None
    metadata: ActMark | None = None


_KNOWN = frozenset(RefundStatus)
"""A word that Stripe may add, and none at all, is none of the two that take a refund back."""
_decode = msgspec.json.Decoder(RefundView).decode


def reported(header: EventHeader, raw: msgspec.Raw) -> Translated:
    """Translate a refund as it is: made, on its way, there, failed hours or weeks later, or cancelled."""
    refund = _decode(raw)
    status = required(
        None if refund.status is msgspec.UNSET else refund.status or RefundStatus.PENDING, "status"
    )
    reason = refund.failure_reason
    act = refund.metadata.egpay_act if refund.metadata else None
    return Translated(
        RefundReported(
            **header,
            refund_id=object_id(required(refund.id, "id"), "id"),
            payment_intent_id=payment_intent_of(refund.payment_intent),
            status=RefundStatus(status) if status in _KNOWN else RefundStatus.PENDING,
            amount=required(refund.amount, "amount"),
            currency=required(refund.currency, "currency"),
            created_at=None if refund.created is None else moment(refund.created),
            failure_reason=object_id(reason, "failure_reason") if reason else None,
            act=MessageId(act) if act and is_id(act) else None,
        )
    )
