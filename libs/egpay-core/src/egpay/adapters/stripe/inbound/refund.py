"""Refunds that come to nothing: money that was to go back and did not. docs.stripe.com/api/refunds/object"""

import msgspec

from egpay.adapters.stripe.inbound.envelope import About
from egpay.adapters.stripe.inbound.translated import (
    Amount,
    Behind,
    Currency,
    NotOurs,
    Understood,
    intent_behind,
    needed,
)
from egpay.domain.events import RefundFailed

_CAME_TO_NOTHING = frozenset({"failed", "canceled"})


class Refund(msgspec.Struct, frozen=True, kw_only=True):
    """The part of a refund that tells how it ended."""

    id: str | None = None
    payment_intent: Behind = msgspec.UNSET
    amount: Amount | None = None
    currency: Currency | None = None
    status: str | None = None


_decode = msgspec.json.Decoder(Refund).decode


def failed(about: About, raw: msgspec.Raw) -> Understood:
    """A refund came to nothing, hours or weeks after `charge.refunded`."""
    refund = _decode(raw)
    if needed(refund.status, "status") not in _CAME_TO_NOTHING:
        raise NotOurs("the refund has not failed")
    return Understood(
        RefundFailed(
            **about,
            refund_id=needed(refund.id, "id"),
            payment_intent_id=intent_behind(refund.payment_intent),
            amount=needed(refund.amount, "amount"),
            currency=needed(refund.currency, "currency"),
        )
    )
