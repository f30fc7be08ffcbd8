"""Action parameters: the JSON bodies of the control routes."""

from typing import Literal

import msgspec


class ActionParams(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Parameters of an action; every action takes only its own."""


class PayParams(ActionParams, frozen=True, kw_only=True):
    """Pays as if on the page."""

    means: Literal["card", "sepa_debit"] = "card"
    email: str = "buyer@example.com"
    name: str | None = "Sandbox Buyer"


class OutcomeParams(ActionParams, frozen=True, kw_only=True):
    """The outcome of a payment."""

    outcome: Literal["succeeded", "failed"] = "succeeded"


class PauseParams(ActionParams, frozen=True, kw_only=True):
    """`status` pauses the subscription, `collection` only the collecting of money."""

    kind: Literal["status", "collection"] = "status"
    behavior: Literal["keep_as_draft", "mark_uncollectible", "void"] = "void"


class CancelParams(ActionParams, frozen=True, kw_only=True):
    """`period_end` sets `cancel_at_period_end`; `portal` sets only `cancel_at`, as the portal does."""

    at: Literal["now", "period_end", "portal"] = "now"


class RefundParams(ActionParams, frozen=True, kw_only=True):
    """An amount in minor units; without one the whole rest."""

    amount: int | None = None
    reason: Literal["duplicate", "fraudulent", "requested_by_customer"] | None = None


class DisputeParams(ActionParams, frozen=True, kw_only=True):
    """The reason for which the buyer's bank disputes the charge."""

    reason: str = "fraudulent"


class CloseDisputeParams(ActionParams, frozen=True, kw_only=True):
    """The party that wins the dispute."""

    outcome: Literal["won", "lost"] = "won"


class CloseReviewParams(ActionParams, frozen=True, kw_only=True):
    """What the person who looked at the payment decided."""

    reason: Literal["approved", "refunded", "refunded_as_fraud", "disputed"] = "approved"


class CreditParams(ActionParams, frozen=True, kw_only=True):
    """An amount in minor units; without one the whole rest of the invoice."""

    amount: int | None = None


class RotateSecretParams(ActionParams, frozen=True, kw_only=True):
    """Seconds for which the old secret still signs along."""

    keep_seconds: int = 24 * 3600
    secret: str | None = None
