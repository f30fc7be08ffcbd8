"""Dispute objects. Amounts are minor units."""

from typing import Literal

import msgspec

from egpay_sandbox.stripe.objects.customer import Metadata

DisputeStatus = Literal[
    "warning_needs_response",
    "warning_under_review",
    "warning_closed",
    "needs_response",
    "under_review",
    "won",
    "lost",
    "prevented",
    "appeal_needs_response",
    "appeal_under_review",
]


class DisputeTransaction(msgspec.Struct, frozen=True, kw_only=True):
    """Balance transaction of a dispute: money withdrawn (a negative amount, with a fee) or reinstated."""

    id: str
    created: int
    amount: int
    fee: int = 0


class Dispute(msgspec.Struct, frozen=True, kw_only=True, tag="dispute", tag_field="object"):
    """Dispute: a buyer's bank claims money of a charge, or (an inquiry) only asks about it.

        warning_* ──▶ warning_closed        (no money moved)
            └──▶ needs_response ◀──▶ under_review ──▶ won, lost ──▶ appeal_* ──▶ won, lost

    `due_by` is Unix seconds, 0 when nothing can be answered.
    """

    id: str
    created: int
    amount: int
    currency: str
    charge: str
    payment_intent: str
    reason: str
    status: DisputeStatus = "needs_response"
    due_by: int | None = None
    submissions: int = 0
    transactions: list[DisputeTransaction] = []
    metadata: Metadata = {}

    @property
    def inquiry(self) -> bool:
        """Whether the bank only asks, so that the charge can still be refunded."""
        return self.status.startswith("warning_")

    @property
    def open(self) -> bool:
        """Whether the bank has not decided yet."""
        return self.status.endswith(("needs_response", "under_review"))

    @property
    def withdrawn(self) -> int:
        """Minor units that it took from the account, less what came back."""
        return -sum(transaction.amount for transaction in self.transactions)
