"""Subscription: mirrors the provider's one; the newest report wins, and an ended one is final.

The provider owns its state, so no transition is forbidden here. It also stores whether its owner was
welcomed.
"""

from datetime import datetime
from enum import StrEnum

import msgspec

from egpay.domain.values import CustomerId, OrganisationId, SaleId, SubscriptionId


class SubscriptionStatus(StrEnum):
    """Stripe's eight statuses (docs.stripe.com/api/subscriptions/object#subscription_object-status)."""

    INCOMPLETE = "incomplete"
    INCOMPLETE_EXPIRED = "incomplete_expired"
    TRIALING = "trialing"
    ACTIVE = "active"
    PAST_DUE = "past_due"
    CANCELED = "canceled"
    UNPAID = "unpaid"
    PAUSED = "paused"


ENDED = frozenset({SubscriptionStatus.CANCELED, SubscriptionStatus.INCOMPLETE_EXPIRED})
"""Final at Stripe: a subscription in one of these never lives again."""

LIVE = frozenset(SubscriptionStatus) - ENDED - {SubscriptionStatus.INCOMPLETE}
"""It has run and is not over. Past due, unpaid and paused only ever follow an active or trialing one
(docs.stripe.com/billing/subscriptions/overview#subscription-statuses)."""


GOING_ON = LIVE - {SubscriptionStatus.PAUSED}
"""With the money settled and no end set it goes on: an account holds one such subscription at a time."""
_STARTED = frozenset({SubscriptionStatus.ACTIVE, SubscriptionStatus.TRIALING})


class SubscriptionReport(msgspec.Struct, frozen=True, kw_only=True):
    """Report of a subscription's state at one moment; `cancel_at` and `current_period_end` in UTC."""

    status: SubscriptionStatus
    quantity: int = 1
    customer_id: CustomerId | None = None
    current_period_end: datetime | None = None
    cancel_at: datetime | None = None


class Subscription(msgspec.Struct, frozen=True, kw_only=True):
    """Subscription: its newest report, what it belongs to, and whether its owner was welcomed.

    `reported_at` has whole seconds, as Stripe's clock does; `contested` says that two reports of one second
    differ, so that only the provider can say which of them holds. `started` is whether any report, however late,
    said active or trialing; `settled` whether its first payment is settled or needs none; `adopted` whether it is
    older than our right to it, so that no letter is sent; `owner_unknown` whether the provider had no e-mail of its
    owner when it was asked.
    """

    id: SubscriptionId
    status: SubscriptionStatus
    reported_at: datetime
    quantity: int = 1
    customer_id: CustomerId | None = None
    current_period_end: datetime | None = None
    cancel_at: datetime | None = None
    sale_id: SaleId | None = None
    organisation_id: OrganisationId | None = None
    contested: bool = False
    welcomed: bool = False
    started: bool = False
    settled: bool = False
    adopted: bool = False
    owner_unknown: bool = False

    @property
    def ended(self) -> bool:
        """Whether it is over for good."""
        return self.status in ENDED

    @property
    def goes_on(self) -> bool:
        """Whether it goes on by its status and no end is set; its money is the sale's to say (`Sale.paid`)."""
        return self.status in GOING_ON and self.cancel_at is None

    @property
    def charges_again(self) -> bool:
        """Whether it lives and no end is set, so that it will charge again, or can be resumed to."""
        return self.status in LIVE and self.cancel_at is None

    @property
    def awaits_provisioning(self) -> bool:
        """Whether its account is due and not provisioned yet: it ran, its first payment is settled, it lives.

        Stripe may report `active` while a debit pends, and `paused` or `unpaid` before the start that they follow.
        """
        return self.started and self.settled and self.status in LIVE and not self.welcomed

    @property
    def lacks_owner(self) -> bool:
        """Whether its account is due, and only a person can say whose it is."""
        return self.awaits_provisioning and self.owner_unknown

    def heard(self, status: SubscriptionStatus) -> "Subscription":
        """Add that a report named this status, in whatever order it came; a trial needs no payment."""
        return msgspec.structs.replace(
            self,
            started=self.started or status in _STARTED,
            settled=self.settled or status is SubscriptionStatus.TRIALING,
        )

    def paid_first(self, *, settled: bool = True) -> "Subscription":
        """Add that its first payment is settled, or needs none."""
        return msgspec.structs.replace(self, settled=self.settled or settled)

    def observe(self, report: SubscriptionReport, *, at: datetime) -> "Subscription":
        """Apply a report: the newest wins, and ended is final.

        A tie of one second is decided the same way in either order (the further status holds) until the
        provider is asked.
        """
        if self.ended or (at < self.reported_at and report.status not in ENDED):
            return self
        if at == self.reported_at and report != self.report():
            winner = max(self.report(), report, key=_standing)
            return msgspec.structs.replace(
                self, **msgspec.structs.asdict(winner), contested=winner.status not in ENDED
            )
        return msgspec.structs.replace(
            self,
            **msgspec.structs.asdict(report),
            reported_at=max(at, self.reported_at),
            contested=self.contested and at == self.reported_at,
        )

    def report(self) -> SubscriptionReport:
        """The newest report of the provider."""
        return SubscriptionReport(
            status=self.status,
            quantity=self.quantity,
            customer_id=self.customer_id,
            current_period_end=self.current_period_end,
            cancel_at=self.cancel_at,
        )


_LIFE = (
    SubscriptionStatus.INCOMPLETE,
    SubscriptionStatus.TRIALING,
    SubscriptionStatus.ACTIVE,
    SubscriptionStatus.PAUSED,
    SubscriptionStatus.PAST_DUE,
    SubscriptionStatus.UNPAID,
    SubscriptionStatus.INCOMPLETE_EXPIRED,
    SubscriptionStatus.CANCELED,
)


def _standing(report: SubscriptionReport) -> tuple[int, int, str, str, str]:
    """Sort key of reports of one second: progress in the life cycle, then anything deterministic."""
    return (
        _LIFE.index(report.status),
        report.quantity,
        str(report.cancel_at),
        str(report.current_period_end),
        str(report.customer_id),
    )
