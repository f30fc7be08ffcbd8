"""Charges and their disputes: money that goes back, or that the buyer's bank asks back.

Neither names a sale when the payment was a subscription's, for Stripe copies no metadata there: the worker traces it
by its payment intent. docs.stripe.com/api/charges/object, docs.stripe.com/api/disputes/object
"""

import msgspec

from egpay.adapters.stripe.inbound.envelope import About
from egpay.adapters.stripe.inbound.translated import (
    Amount,
    Behind,
    Metadata,
    Understood,
    intent_behind,
    needed,
    sale_of,
)
from egpay.domain.events import DisputeClosed, DisputeOpened, PaymentRefunded

_WON = frozenset({"won", "warning_closed"})
"""An early warning that was closed took no money; every other end did."""


class Charge(msgspec.Struct, frozen=True, kw_only=True):
    """The part of a charge that tells a refund. Its `invoice` (until 2025-02-24.acacia) is left out: it does not say
    whether it was the order's own or a renewal's, and the provider is asked for just that."""

    metadata: Metadata | None = None
    payment_intent: Behind = msgspec.UNSET
    amount_refunded: Amount | None = None
    refunded: bool | None = None


class Dispute(msgspec.Struct, frozen=True, kw_only=True):
    """The part of a dispute that tells its verdict."""

    id: str | None = None
    payment_intent: Behind = msgspec.UNSET
    status: str | None = None


_decode_charge = msgspec.json.Decoder(Charge).decode
_decode_dispute = msgspec.json.Decoder(Dispute).decode


def refunded(about: About, raw: msgspec.Raw) -> Understood:
    """Some or all of the money went back; `amount_refunded` is the sum of several refunds, less those that failed."""
    charge = _decode_charge(raw)
    return Understood(
        PaymentRefunded(
            **about,
            sale_id=sale_of(charge.metadata),
            payment_intent_id=intent_behind(charge.payment_intent, ours=sale_of(charge.metadata) is not None),
            amount_refunded=needed(charge.amount_refunded, "amount_refunded"),
            in_full=needed(charge.refunded, "refunded"),
        )
    )


def disputed(about: About, raw: msgspec.Raw) -> Understood:
    """The bank asks the money back."""
    dispute = _decode_dispute(raw)
    return Understood(
        DisputeOpened(
            **about,
            dispute_id=needed(dispute.id, "id"),
            payment_intent_id=intent_behind(dispute.payment_intent),
        )
    )


def dispute_closed(about: About, raw: msgspec.Raw) -> Understood:
    """The bank has decided."""
    dispute = _decode_dispute(raw)
    return Understood(
        DisputeClosed(
            **about,
            dispute_id=needed(dispute.id, "id"),
            payment_intent_id=intent_behind(dispute.payment_intent),
            won=needed(dispute.status, "status") in _WON,
        )
    )
