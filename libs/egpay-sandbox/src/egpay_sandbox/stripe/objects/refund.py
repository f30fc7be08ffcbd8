"""Refund object. Amounts are minor units."""

from typing import Literal

import msgspec

from egpay_sandbox.stripe.objects.customer import Metadata

RefundStatus = Literal["pending", "requires_action", "succeeded", "failed", "canceled"]
RefundFailure = Literal[
    "charge_for_pending_refund_disputed",
    "declined",
    "expired_or_canceled_card",
    "insufficient_funds",
    "lost_or_stolen_card",
    "merchant_request",
    "unknown",
]


class Refund(msgspec.Struct, frozen=True, kw_only=True, tag="refund", tag_field="object"):
    """Refund of a charge; `failure` says why it failed.

    pending, requires_action ──▶ succeeded ──▶ failed
             └──▶ failed, canceled
    """

    id: str
    created: int
    amount: int
    currency: str
    charge: str
    payment_intent: str
    status: RefundStatus = "succeeded"
    reason: str | None = None
    metadata: Metadata = {}
    balance_transaction: str = ""
    referenced: bool = False
    failure: str | None = None
    instructions_email: str | None = None

    @property
    def counts(self) -> bool:
        """Whether its amount is part of what the charge gave back; a failed one is not."""
        return self.status not in ("failed", "canceled")
