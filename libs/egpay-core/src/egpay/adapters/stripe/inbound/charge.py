"""Charge and dispute translation: refunds, and chargebacks that the buyer's bank opens or closes.

Neither names a sale when the payment was a subscription's, because Stripe copies no metadata there: the
worker traces it by its payment intent. docs.stripe.com/api/charges/object,
docs.stripe.com/api/disputes/object
"""

import msgspec

from egpay.adapters.stripe.inbound.envelope import EventHeader
from egpay.adapters.stripe.inbound.translated import (
    Amount,
    Metadata,
    PaymentIntentRef,
    Translated,
    marked_installation,
    marked_sale_id,
    object_id,
    payment_intent_of,
    required,
)
from egpay.domain.events import DisputeClosed, DisputeOpened, PaymentRefunded

_WON = frozenset({"won", "warning_closed"})
"""Verdicts that took no money: won, or an early warning that was closed; every other end did."""


class ChargeView(msgspec.Struct, frozen=True, kw_only=True):
    """Fields of a charge that describe a refund.

    Its `invoice` (until 2025-02-24.acacia) is left out: it does not say whether it was the order's own or a
    renewal's, and the provider is asked for just that."""

    metadata: Metadata | None = None
    payment_intent: PaymentIntentRef = msgspec.UNSET
    amount_refunded: Amount | None = None
    refunded: bool | None = None


class DisputeView(msgspec.Struct, frozen=True, kw_only=True):
    """Fields of a dispute that hold its verdict."""

    id: str | None = None
    payment_intent: PaymentIntentRef = msgspec.UNSET
    status: str | None = None


_decode_charge = msgspec.json.Decoder(ChargeView).decode
_decode_dispute = msgspec.json.Decoder(DisputeView).decode


def refunded(header: EventHeader, raw: msgspec.Raw) -> Translated:
    """Translate a refund; `amount_refunded` is the sum of several refunds, less those that failed."""
    charge = _decode_charge(raw)
    return Translated(
        PaymentRefunded(
            **header,
            sale_id=marked_sale_id(charge.metadata),
            installation=marked_installation(charge.metadata),
            payment_intent_id=payment_intent_of(
                charge.payment_intent, ours=marked_sale_id(charge.metadata) is not None
            ),
            amount_refunded=required(charge.amount_refunded, "amount_refunded"),
            in_full=required(charge.refunded, "refunded"),
        )
    )


def disputed(header: EventHeader, raw: msgspec.Raw) -> Translated:
    """Translate a dispute: the bank asks the money back."""
    dispute = _decode_dispute(raw)
    return Translated(
        DisputeOpened(
            **header,
            dispute_id=object_id(required(dispute.id, "id"), "id"),
            payment_intent_id=payment_intent_of(dispute.payment_intent),
        )
    )


def dispute_closed(header: EventHeader, raw: msgspec.Raw) -> Translated:
    """Translate a closed dispute: the bank has decided."""
    dispute = _decode_dispute(raw)
    return Translated(
        DisputeClosed(
            **header,
            dispute_id=object_id(required(dispute.id, "id"), "id"),
            payment_intent_id=payment_intent_of(dispute.payment_intent),
            won=required(dispute.status, "status") in _WON,
        )
    )
