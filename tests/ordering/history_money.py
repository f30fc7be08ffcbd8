"""Money of a random history: one payment with all that was given back, lost or doubted, as the provider has it."""

from dataclasses import dataclass, field

OPEN = ("needs_response", "under_review", "warning_needs_response", "warning_under_review", "appeal_pending")


@dataclass(slots=True)
class MadeRefund:
    """A refund; `counts` until it comes back."""

    amount: int
    made: int
    counts: bool = True


@dataclass(slots=True)
class RaisedDispute:
    """A dispute by its status."""

    amount: int
    status: str
    took: bool = False

    @property
    def is_open(self) -> bool:
        """Whether the bank has not decided."""
        return self.status in OPEN

    @property
    def lost(self) -> int:
        """What it took for good."""
        gone = self.status == "lost" or (self.status == "prevented" and self.took)
        return self.amount if gone else 0


@dataclass(slots=True)
class TrueCharge:
    """The truth about one payment; `was_gone` is whether nothing was left at some time."""

    invoice: str
    amount: int
    of_order: bool
    paid: bool = True
    refunds: dict[str, MadeRefund] = field(default_factory=dict)
    disputes: dict[str, RaisedDispute] = field(default_factory=dict)
    notes: dict[str, int] = field(default_factory=dict)
    voided: dict[str, int] = field(default_factory=dict)
    tries: int = 0
    owed_since: int = 0
    warning: bool | None = None
    review: str | None = None
    was_gone: bool = False
    events: set[str] = field(default_factory=set)

    @property
    def given_back(self) -> int:
        """What is given back now."""
        return self.counting + sum(self.notes.values())

    @property
    def counting(self) -> int:
        """What refunds give back now."""
        return sum(one.amount for one in self.refunds.values() if one.counts)

    @property
    def lost(self) -> int:
        """What disputes took."""
        return sum(one.lost for one in self.disputes.values())

    @property
    def gone(self) -> int:
        """What is gone, never more than was paid."""
        return min(self.amount, self.given_back + self.lost)

    @property
    def gone_in_full(self) -> bool:
        """Whether nothing is left."""
        return 0 < self.amount <= self.gone

    @property
    def disputed(self) -> bool:
        """Whether a dispute is open."""
        return any(one.is_open for one in self.disputes.values())

    @property
    def doubted(self) -> bool:
        """Whether goods that it pays for are to wait."""
        return self.disputed or bool(self.warning) or self.review == ""

    @property
    def ever_given_back(self) -> int:
        """What was given back in all, with what came back or was voided."""
        made = sum(one.amount for one in self.refunds.values())
        return made + sum(self.notes.values()) + sum(self.voided.values())

    def noted(self) -> None:
        """Remember whether nothing was left."""
        self.was_gone = self.was_gone or self.gone_in_full
