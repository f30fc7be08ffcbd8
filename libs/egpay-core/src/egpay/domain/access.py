"""Who may use what they pay for: one visible table over Stripe's eight words, with patience for an unpaid renewal."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from egpay.domain.subscription import Subscription, SubscriptionStatus

GRACE = timedelta(days=14)
"""How long an overdue account stays open, counted from the newest report that says it is overdue."""


class Access(StrEnum):
    """What an organisation is given."""

    FULL = "full"
    GRACE = "grace"
    NONE = "none"


POLICY = {
    SubscriptionStatus.TRIALING: Access.FULL,
    SubscriptionStatus.ACTIVE: Access.FULL,
    # The renewal failed and is tried again: the buyer is reminded, and keeps access for a while.
    SubscriptionStatus.PAST_DUE: Access.GRACE,
    # Every try failed, the buyer asked for a pause, or the first payment never came.
    SubscriptionStatus.UNPAID: Access.NONE,
    SubscriptionStatus.PAUSED: Access.NONE,
    SubscriptionStatus.INCOMPLETE: Access.NONE,
    SubscriptionStatus.INCOMPLETE_EXPIRED: Access.NONE,
    SubscriptionStatus.CANCELED: Access.NONE,
}


def access(subscriptions: Iterable[Subscription], *, at: datetime, grace: timedelta = GRACE) -> Access:
    """What an organisation may use: the best that any of its subscriptions gives, so that the end of an old one never
    closes the account that a new one holds open."""
    given = {_of(subscription, at, grace) for subscription in subscriptions}
    return next((level for level in Access if level in given), Access.NONE)


def _of(subscription: Subscription, at: datetime, grace: timedelta) -> Access:
    level = POLICY[subscription.status]
    if level is Access.GRACE and at > subscription.reported_at + grace:
        return Access.NONE
    return level
