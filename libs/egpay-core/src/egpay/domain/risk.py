"""Risk signals: the issuer's early fraud warnings and Radar's reviews, which both only ever end."""

from datetime import datetime

import msgspec

REFUNDED_AS_FRAUD = "refunded_as_fraud"


class FraudWarning(msgspec.Struct, frozen=True, kw_only=True):
    """Early fraud warning: `actionable` until the payment is refunded or disputed."""

    actionable: bool
    reported_at: datetime

    def merged(self, other: "FraudWarning") -> "FraudWarning":
        """Both reports as one, in either order: once it cannot be acted upon, it never can again."""
        return FraudWarning(
            actionable=self.actionable and other.actionable,
            reported_at=max(self.reported_at, other.reported_at),
        )


class RadarReview(msgspec.Struct, frozen=True, kw_only=True):
    """Review of a payment by a person in the provider's dashboard; closed for `closed_reason`."""

    id: str
    payment_id: str
    opened_at: datetime
    closed_at: datetime | None = None
    closed_reason: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether a person has yet to decide."""
        return self.closed_at is None

    def merged(self, other: "RadarReview") -> "RadarReview":
        """Both reports as one, in either order: closed is final, the newest closing has the reason."""
        closings = [
            (one.closed_at, one.closed_reason or "") for one in (self, other) if one.closed_at is not None
        ]
        closed_at, reason = max(closings, default=(None, ""))
        return msgspec.structs.replace(
            self,
            opened_at=min(self.opened_at, other.opened_at),
            closed_at=closed_at,
            closed_reason=reason or None,
        )
