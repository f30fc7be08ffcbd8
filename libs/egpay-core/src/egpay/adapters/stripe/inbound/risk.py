"""Risk translation: early fraud warnings of a card's issuer, and reviews of Radar.

Both name their payment by its intent alone, and have none where a charge was made without one.
docs.stripe.com/api/radar/early_fraud_warnings/object, docs.stripe.com/api/radar/reviews/object
"""

import msgspec

from egpay.adapters.stripe.inbound.envelope import EventHeader
from egpay.adapters.stripe.inbound.translated import (
    PaymentIntentRef,
    Translated,
    object_id,
    payment_intent_of,
    required,
)
from egpay.domain.events import FraudWarningReported, ReviewReported


class WarningView(msgspec.Struct, frozen=True, kw_only=True):
    """Fields of an early fraud warning."""

    id: str | None = None
    payment_intent: PaymentIntentRef = None
    actionable: bool | None = None


class ReviewView(msgspec.Struct, frozen=True, kw_only=True):
    """Fields of a review; `closed_reason` is a word of an open list."""

    id: str | None = None
    payment_intent: PaymentIntentRef = None
    open: bool | None = None
    closed_reason: str | None = None


_decode_warning = msgspec.json.Decoder(WarningView).decode
_decode_review = msgspec.json.Decoder(ReviewView).decode


def warned(header: EventHeader, raw: msgspec.Raw) -> Translated:
    """Translate an early fraud warning."""
    warning = _decode_warning(raw)
    return Translated(
        FraudWarningReported(
            **header,
            warning_id=object_id(required(warning.id, "id"), "id"),
            payment_intent_id=payment_intent_of(warning.payment_intent),
            actionable=required(warning.actionable, "actionable"),
        )
    )


def reviewed(header: EventHeader, raw: msgspec.Raw) -> Translated:
    """Translate a review, opened or closed."""
    review = _decode_review(raw)
    reason = review.closed_reason
    return Translated(
        ReviewReported(
            **header,
            review_id=object_id(required(review.id, "id"), "id"),
            payment_intent_id=payment_intent_of(review.payment_intent),
            is_open=required(review.open, "open"),
            closed_reason=object_id(reason, "closed_reason") if reason else None,
        )
    )
