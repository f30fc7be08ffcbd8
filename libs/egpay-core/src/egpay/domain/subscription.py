"""A subscription as its provider sees it, and whether its owner has been welcomed.

Subscriptions are the provider's: no move is forbidden here. The newest report wins, and an ended one is final.
"""

from datetime import datetime
from enum import StrEnum

import msgspec

from egpay.domain.values import CustomerId, OrganisationId, SaleId, SubscriptionId


class SubscriptionStatus(StrEnum):
    """Stripe's eight (docs.stripe.com/api/subscriptions/object#subscription_object-status)."""

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
"""It has run and is not over: it stands in the way of another one, for an account holds one live subscription at a
time. Past due, unpaid and paused only ever follow an active or trialing one
(docs.stripe.com/billing/subscriptions/overview#subscription-statuses)."""


class SubscriptionReport(msgspec.Struct, frozen=True, kw_only=True):
    """What the provider said of a subscription at one moment; `cancel_at` and `current_period_end` in UTC."""

    status: SubscriptionStatus
    quantity: int = 1
    customer_id: CustomerId | None = None
    current_period_end: datetime | None = None
    cancel_at: datetime | None = None


class Subscription(msgspec.Struct, frozen=True, kw_only=True):
    """The newest report of a subscription, what it belongs to, and whether its owner was welcomed.

    `reported_at` has whole seconds, as Stripe's clock does; `contested` says that two reports of one second
    differ, so that only the provider can tell which of them holds.
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

    @property
    def ended(self) -> bool:
        """It is over for good."""
        return self.status in ENDED

    @property
    def goes_on(self) -> bool:
        """It is live and nobody has asked for its end: it stands in the way of another one."""
        return self.status in LIVE and self.cancel_at is None

    @property
    def awaits_provisioning(self) -> bool:
        """It has run, and nobody was let in for it yet: a late payment that is reported before the start it follows
        opens the account as the start itself would have."""
        return self.status in LIVE and not self.welcomed

    def observe(self, report: SubscriptionReport, *, at: datetime) -> "Subscription":
        """Take a report in: the newest wins, ended is final, and a tie of one second is settled the same way in
        either order (the further status holds) until the provider is asked."""
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
        """What the provider is known to have said last."""
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
    """Order reports of one second: by how far the life has come, then by anything that is the same either way."""
    return (
        _LIFE.index(report.status),
        report.quantity,
        str(report.cancel_at),
        str(report.current_period_end),
        str(report.customer_id),
    )
