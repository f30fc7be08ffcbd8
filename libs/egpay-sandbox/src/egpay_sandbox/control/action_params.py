"""How a deed may be wished for: the JSON bodies of the control routes."""

from typing import Literal

import msgspec


class ActionParams(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """How a deed is to be done; every deed takes only its own."""


class PayParams(ActionParams, frozen=True, kw_only=True):
    """Pay as if on the page."""

    means: Literal["card", "sepa_debit"] = "card"
    email: str = "buyer@example.com"
    name: str | None = "Sandbox Buyer"


class OutcomeParams(ActionParams, frozen=True, kw_only=True):
    """How money ends."""

    outcome: Literal["succeeded", "failed"] = "succeeded"


class PauseParams(ActionParams, frozen=True, kw_only=True):
    """`status` pauses the subscription, `collection` only the collecting of money."""

    kind: Literal["status", "collection"] = "status"
    behavior: Literal["keep_as_draft", "mark_uncollectible", "void"] = "void"


class CancelParams(ActionParams, frozen=True, kw_only=True):
    """`period_end` sets `cancel_at_period_end`; `portal` sets only `cancel_at`, as the portal does."""

    at: Literal["now", "period_end", "portal"] = "now"


class RefundParams(ActionParams, frozen=True, kw_only=True):
    """Minor units; without an amount the whole rest."""

    amount: int | None = None
    reason: Literal["duplicate", "fraudulent", "requested_by_customer"] | None = None


class DisputeParams(ActionParams, frozen=True, kw_only=True):
    """Why the buyer's bank wants its money back."""

    reason: str = "fraudulent"


class CloseDisputeParams(ActionParams, frozen=True, kw_only=True):
    """Who is right."""

    outcome: Literal["won", "lost"] = "won"


class RotateSecretParams(ActionParams, frozen=True, kw_only=True):
    """For how many seconds the old secret signs along."""

    keep_seconds: int = 24 * 3600
    secret: str | None = None
