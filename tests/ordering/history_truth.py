"""Truth of a random history: the order, its subscription and its payments, as the provider has them."""

from dataclasses import dataclass, field

from history_acts import ParcelFate, Paying, RandomHistory
from history_money import TrueCharge
from shop import START

RUNS = ("active", "trialing", "past_due", "unpaid", "paused")
GOES_ON = ("active", "trialing", "past_due", "unpaid")


@dataclass(slots=True)
class SaleTruth:
    """One order: how it was paid, its subscription by status, and its payments by their invoice.

    `ends` are all ends that were ever set, `outcome` tells how a delayed payment ended. `left` and `reports`, of the
    parcel that fares worst, are what the warehouse did.
    """

    history: RandomHistory
    status: str = "incomplete"
    cancel_at: int | None = None
    seats: int = 1
    charges: dict[str, TrueCharge] = field(default_factory=dict)
    ends: set[int] = field(default_factory=set)
    subscription_events: set[str] = field(default_factory=set)
    end_event: str | None = None
    outcome: set[str] = field(default_factory=set)
    left: bool = False
    reports: dict[str, str] = field(default_factory=dict)

    @property
    def plan(self) -> bool:
        """Whether it sells a subscription."""
        return self.history.plan or not self.devices

    @property
    def devices(self) -> bool:
        """Whether it sells devices; a trial is of a subscription alone."""
        return self.history.devices and self.history.paying is not Paying.TRIAL

    @property
    def nothing_due(self) -> bool:
        """Whether no payment is required now."""
        return self.history.paying in (Paying.FREE, Paying.TRIAL)

    @property
    def one_cent(self) -> bool:
        """Whether next to nothing was asked for the whole order."""
        return self.history.paying is Paying.ONE_CENT

    @property
    def settled(self) -> bool:
        """Whether its own payment is settled, or none was required."""
        return self.history.paying not in (Paying.BOUNCED, Paying.EXPIRED)

    @property
    def lives(self) -> bool:
        """Whether it has a subscription that has run and is not over."""
        return self.plan and self.settled and self.status in RUNS

    @property
    def charges_again(self) -> bool:
        """Whether it lives and no end is set."""
        return self.lives and self.cancel_at is None

    @property
    def access(self) -> tuple[str, int | None]:
        """What it gives access to, and until when: 14 days after the oldest renewal that is owed fell due."""
        owed = [START + one.owed_since for one in self.charges.values() if not one.paid]
        if self.status in ("active", "trialing"):
            return "full", self.cancel_at
        if self.status == "past_due":
            return "grace", min(owed) + 14 * 86_400
        return "none", None

    @property
    def order(self) -> TrueCharge | None:
        """Its own payment."""
        return self.charges.get("in")

    @property
    def fate(self) -> ParcelFate:
        """What becomes of the parcel."""
        return self.history.fate
