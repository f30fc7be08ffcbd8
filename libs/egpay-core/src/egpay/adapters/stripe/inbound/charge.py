"""Charge translation: the total that was refunded of it.

It does not name a sale when the payment was a subscription's, because Stripe copies no metadata there: the worker
traces it by its payment intent. docs.stripe.com/api/charges/object
"""

import msgspec

from egpay.adapters.stripe.inbound.envelope import EventHeader
from egpay.adapters.stripe.inbound.translated import (
    Amount,
    Currency,
    Metadata,
    PaymentIntentRef,
    Translated,
    marked_installation,
    marked_sale_id,
    payment_intent_of,
    required,
)
from egpay.domain.events import PaymentRefunded


class ChargeView(msgspec.Struct, frozen=True, kw_only=True):
    """Fields of a charge that describe a refund.

    Its `invoice` (until 2025-02-24.acacia) is left out: it does not say whether it was the order's own or a
    renewal's, and the provider is asked for just that."""

    metadata: Metadata | None = None
    payment_intent: PaymentIntentRef = msgspec.UNSET
    amount: Amount | None = None
    amount_captured: Amount | None = None
    amount_refunded: Amount | None = None
    currency: Currency | None = None
    refunded: bool | None = None


_decode_charge = msgspec.json.Decoder(ChargeView).decode


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
            currency=charge.currency,
            charge_amount=charge.amount_captured or charge.amount,
        )
    )
