"""Charges and their disputes: money that goes back, or that the buyer's bank asks back.

Neither names a sale when the payment was a subscription's, for Stripe copies no metadata there: the worker traces it
by its payment intent. docs.stripe.com/api/charges/object, docs.stripe.com/api/disputes/object
"""

import msgspec

from egpay.adapters.stripe.envelope import About
from egpay.adapters.stripe.facts import Amount, Expanded, Metadata, NotOurs, Understood, needed, ref, sale_of
from egpay.domain.events import DisputeClosed, DisputeOpened, PaymentRefunded
from egpay.domain.values import PaymentIntentId

_WON = frozenset({"won", "warning_closed"})
"""An early warning that was closed took no money; every other end did."""


class Charge(msgspec.Struct, frozen=True, kw_only=True):
    """The part of a charge that tells a refund. Its `invoice` (until 2025-02-24.acacia) is left out: it does not say
    whether it was the order's own or a renewal's, and the provider is asked for just that."""

    metadata: Metadata | None = None
    payment_intent: PaymentIntentId | Expanded[PaymentIntentId] | msgspec.UnsetType | None = msgspec.UNSET
    amount_refunded: Amount | None = None
    refunded: bool | None = None


class Dispute(msgspec.Struct, frozen=True, kw_only=True):
    """The part of a dispute that tells its verdict."""

    id: str | None = None
    payment_intent: PaymentIntentId | Expanded[PaymentIntentId] | msgspec.UnsetType | None = msgspec.UNSET
    status: str | None = None


_decode_charge = msgspec.json.Decoder(Charge).decode
_decode_dispute = msgspec.json.Decoder(Dispute).decode


def refunded(about: About, raw: msgspec.Raw) -> Understood:
    """Some or all of the money went back; `amount_refunded` counts up over several refunds."""
    charge = _decode_charge(raw)
    return Understood(
        PaymentRefunded(
            **about,
            sale_id=sale_of(charge.metadata),
            payment_intent_id=_intent(charge),
            amount_refunded=needed(charge.amount_refunded, "amount_refunded"),
            in_full=needed(charge.refunded, "refunded"),
        )
    )


def disputed(about: About, raw: msgspec.Raw) -> Understood:
    """The bank asks the money back."""
    dispute = _decode_dispute(raw)
    return Understood(
        DisputeOpened(**about, dispute_id=needed(dispute.id, "id"), payment_intent_id=_intent(dispute))
    )


def dispute_closed(about: About, raw: msgspec.Raw) -> Understood:
    """The bank has decided."""
    dispute = _decode_dispute(raw)
    return Understood(
        DisputeClosed(
            **about,
            dispute_id=needed(dispute.id, "id"),
            payment_intent_id=_intent(dispute),
            won=needed(dispute.status, "status") in _WON,
        )
    )


def _intent(thing: Charge | Dispute) -> PaymentIntentId:
    """Everything Checkout sells is paid by a payment intent; a charge that says it has none is another product's."""
    if thing.payment_intent is msgspec.UNSET:
        return needed(None, "payment_intent")
    intent = ref(thing.payment_intent)
    if intent is None and not (isinstance(thing, Charge) and sale_of(thing.metadata)):
        raise NotOurs("no payment intent is behind it")
    return needed(intent, "payment_intent")
