"""Risk objects: what Radar and the card networks report about a charge."""

from typing import Literal

import msgspec

ClosedReason = Literal[
    "acknowledged",
    "approved",
    "canceled",
    "disputed",
    "payment_never_settled",
    "redacted",
    "refunded",
    "refunded_as_fraud",
]


class EarlyFraudWarning(
    msgspec.Struct, frozen=True, kw_only=True, tag="radar.early_fraud_warning", tag_field="object"
):
    """Early fraud warning: a card network expects a dispute (docs.stripe.com/api/radar/early_fraud_warnings)."""

    id: str
    created: int
    charge: str
    payment_intent: str
    fraud_type: str = "made_with_stolen_card"
    actionable: bool = True


class Review(msgspec.Struct, frozen=True, kw_only=True, tag="review", tag_field="object"):
    """Review: a person at Stripe's dashboard is to look at the payment (docs.stripe.com/api/radar/reviews)."""

    id: str
    created: int
    charge: str
    payment_intent: str
    opened_reason: Literal["rule", "manual"] = "rule"
    closed_reason: ClosedReason | None = None
