"""Dispute translation: chargebacks and inquiries of the buyer's bank, read by their status alone.

A dispute names no sale, and its payment none when it was a subscription's: the worker traces it by its payment
intent. docs.stripe.com/api/disputes/object
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
from egpay.domain.events import DisputeReported


class EvidenceView(msgspec.Struct, frozen=True):
    """Until when evidence is taken; 0 or absent where the bank takes none."""

    due_by: Timestamp | None = None


class MovementView(msgspec.Struct, frozen=True):
    """One movement on our balance: below 0 it took money."""

    amount: int = 0


class DisputeView(msgspec.Struct, frozen=True, kw_only=True):
    """Fields of a dispute that say how it stands, about how much, and until when it can be answered."""

    id: str | None = None
    payment_intent: PaymentIntentRef = msgspec.UNSET
    status: str | None = None
    amount: Amount | None = None
    currency: Currency | None = None
    evidence_details: EvidenceView | None = None
    balance_transactions: list[MovementView] | None = None
    is_charge_refundable: bool | None = None


_decode = msgspec.json.Decoder(DisputeView).decode


def reported(header: EventHeader, raw: msgspec.Raw) -> Translated:
    """Translate a dispute, whatever the event is called."""
    return Translated(report(header, raw))


def report(header: EventHeader, raw: msgspec.Raw) -> DisputeReported:
    """The report of a dispute, from an event or as looked up."""
    dispute = _decode(raw)
    details, movements = dispute.evidence_details, dispute.balance_transactions or []
    due_by = details.due_by if details else None
    return DisputeReported(
        **header,
        dispute_id=object_id(required(dispute.id, "id"), "id"),
        payment_intent_id=payment_intent_of(dispute.payment_intent),
        status=object_id(required(dispute.status, "status"), "status"),
        amount=dispute.amount,
        currency=dispute.currency,
        due_by=moment(due_by) if due_by else None,
        took_money=sum(each.amount for each in movements) < 0,
        refundable=dispute.is_charge_refundable,
    )
