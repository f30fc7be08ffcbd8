"""Dispute: the bank's question about a payment, read by its status, one row for each of the provider's ids.

    needs_response --answered--> under_review --> won | lost          the amount is gone only when lost
    warning_needs_response --> warning_under_review --> warning_closed
    prevented: it was settled before it became a dispute, and took money or not

Any other word, such as those of an appeal, is open, because it is not over.
"""

from datetime import datetime
from enum import StrEnum

import msgspec


class DisputeState(StrEnum):
    """State of a dispute: undecided, over without a loss, or the money is gone."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"


GRAVEST_FIRST = (DisputeState.OPEN, DisputeState.LOST, DisputeState.WON)
PREVENTED = "prevented"
_OVER = frozenset({"won", "warning_closed"})
_STANDING = {"warning_closed": 1, "won": 1, PREVENTED: 2, "lost": 3}


class Dispute(msgspec.Struct, frozen=True, kw_only=True):
    """Dispute: its newest report; an `amount` of None is the whole payment (a message of an older release).

    `due_by` is None when nothing can be answered. `took_money`: whether its balance transactions did. `contested`:
    two reports of one second differ, so that only the provider can say which holds. `was_lost`: some report said so.
    `refundable`: whether the provider says that the charge can still be refunded.
    """

    id: str
    payment_id: str
    status: str
    reported_at: datetime
    amount: int | None = None
    currency: str | None = None
    due_by: datetime | None = None
    took_money: bool = False
    contested: bool = False
    was_lost: bool = False
    refundable: bool | None = None

    @property
    def state(self) -> DisputeState:
        """The state that its status says."""
        if self.status == "lost":
            return DisputeState.LOST
        if self.status == PREVENTED:
            return DisputeState.LOST if self.took_money else DisputeState.WON
        return DisputeState.WON if self.status in _OVER else DisputeState.OPEN

    @property
    def bars_refunds(self) -> bool:
        """Whether it is open and the charge cannot be refunded meanwhile; an inquiry takes no money yet."""
        refundable = self.status.startswith("warning_") if self.refundable is None else self.refundable
        return self.state is DisputeState.OPEN and not refundable

    @property
    def waits_for_bank(self) -> bool:
        """Whether it was answered, so that the bank has to decide."""
        return self.status.endswith("under_review")

    def remembering_a_loss(self) -> "Dispute":
        """The same, with what it says of a loss kept for good."""
        return msgspec.structs.replace(self, was_lost=self.was_lost or self.state is DisputeState.LOST)

    def observe(self, report: "Dispute") -> "Dispute":
        """Add a report: the newest holds; a tie of one second is decided alike in either order until asked."""
        was_lost = self.was_lost or report.was_lost
        if report.reported_at < self.reported_at:
            return msgspec.structs.replace(self, was_lost=was_lost, amount=_known(self, report))
        newer, tied = report, report.reported_at == self.reported_at
        if tied:
            newer = max(self, report, key=_standing)
        differs = tied and (self.contested or _told(self) != _told(report))
        return msgspec.structs.replace(
            newer, was_lost=was_lost, contested=differs, amount=_known(newer, self, report)
        )


def _known(*reports: Dispute) -> int | None:
    return next((one.amount for one in reports if one.amount is not None), None)


def _told(one: Dispute) -> tuple[object, ...]:
    return one.status, one.amount, one.due_by, one.status == PREVENTED and one.took_money


def _standing(one: Dispute) -> tuple[int, str, int, str, bool]:
    """Sort key of reports of one second: how far it has come, then anything deterministic."""
    return _STANDING.get(one.status, 0), one.status, one.amount or 0, str(one.due_by), one.took_money
