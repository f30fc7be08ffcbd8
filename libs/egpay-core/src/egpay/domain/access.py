"""Access policy: maps Stripe's eight statuses to access, with a grace period for an unpaid renewal."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from egpay.domain.subscription import Subscription, SubscriptionStatus

GRACE = timedelta(days=14)
"""Grace period of an overdue account, counted from the newest report that says it is overdue."""


class Access(StrEnum):
    """Access level of an organisation."""

    FULL = "full"
    GRACE = "grace"
    NONE = "none"


POLICY = {
    SubscriptionStatus.TRIALING: Access.FULL,
    SubscriptionStatus.ACTIVE: Access.FULL,
    # The renewal failed and is retried: the buyer is reminded, and has access during the grace period.
    SubscriptionStatus.PAST_DUE: Access.GRACE,
    # Every try failed, the buyer asked for a pause, or the first payment never came.
    SubscriptionStatus.UNPAID: Access.NONE,
    SubscriptionStatus.PAUSED: Access.NONE,
    SubscriptionStatus.INCOMPLETE: Access.NONE,
    SubscriptionStatus.INCOMPLETE_EXPIRED: Access.NONE,
    SubscriptionStatus.CANCELED: Access.NONE,
}


def access(subscriptions: Iterable[Subscription], *, at: datetime, grace: timedelta = GRACE) -> Access:
    """The access of an organisation: the best level of all its subscriptions.

    So the end of an old subscription never closes the account that a new one pays for.
    """
    given = {_of(subscription, at, grace) for subscription in subscriptions}
    return next((level for level in Access if level in given), Access.NONE)


def _of(subscription: Subscription, at: datetime, grace: timedelta) -> Access:
    level = POLICY[subscription.status]
    if level is Access.GRACE and at > subscription.reported_at + grace:
        return Access.NONE
    return level
