"""Failed refund translation: money that was to go back and did not.

docs.stripe.com/api/refunds/object
"""

import msgspec

from egpay.adapters.stripe.inbound.envelope import EventHeader
from egpay.adapters.stripe.inbound.translated import (
    Amount,
    Currency,
    NotOurs,
    PaymentIntentRef,
    Translated,
    object_id,
    payment_intent_of,
    required,
)
from egpay.domain.events import RefundFailed

_CAME_TO_NOTHING = frozenset({"failed", "canceled"})


class RefundView(msgspec.Struct, frozen=True, kw_only=True):
    """Fields of a refund that hold how it ended."""

    id: str | None = None
    payment_intent: PaymentIntentRef = msgspec.UNSET
    amount: Amount | None = None
    currency: Currency | None = None
    status: str | None = None


_decode = msgspec.json.Decoder(RefundView).decode


def failed(header: EventHeader, raw: msgspec.Raw) -> Translated:
    """Translate a refund that failed, hours or weeks after `charge.refunded`."""
    refund = _decode(raw)
    if required(refund.status, "status") not in _CAME_TO_NOTHING:
        raise NotOurs("the refund has not failed")
    return Translated(
        RefundFailed(
            **header,
            refund_id=object_id(required(refund.id, "id"), "id"),
            payment_intent_id=payment_intent_of(refund.payment_intent),
            amount=required(refund.amount, "amount"),
            currency=required(refund.currency, "currency"),
        )
    )
