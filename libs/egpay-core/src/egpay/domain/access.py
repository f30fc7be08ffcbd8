"""Access policy: what an organisation may use, derived from all of its subscriptions.

    FULL --a renewal is unpaid--> GRACE --it is paid--> FULL
                                    |
                        the grace period is over --> NONE

The rules have no clock. So the stored policy names the end of a grace period beforehand, and a job reports that the
time has passed.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from egpay.domain.subscription import Subscription, SubscriptionStatus
from egpay.domain.values import OrganisationId, ProductId, SubscriptionId

GRACE_DAYS = 14
"""Default of ACCESS_GRACE_DAYS: days of grace after the oldest unpaid renewal fell due."""
GRACE_OVER = "grace_over"
NOT_SETTLED = "not_settled"
_RUNS = frozenset({SubscriptionStatus.ACTIVE, SubscriptionStatus.TRIALING})


class AccessLevel(StrEnum):
    """Access level of an organisation, the best first."""

    FULL = "full"
    GRACE = "grace"
    NONE = "none"


_BEST_FIRST = tuple(AccessLevel)


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """Access of one organisation: that of its best subscription, `subscription_id`, never a sum of several.

    `why` is a stable word: the subscription's status, `grace_over` or `not_settled`. `until` is when the level ends by
    itself: the end of the grace period, or a scheduled end; None when none is set or known. `elapsed` is the latest end
    of a grace period that has passed. `version` counts the changes, from 1.
    """

    organisation_id: OrganisationId
    level: AccessLevel
    why: str
    subscription_id: SubscriptionId
    seats: int
    plan: ProductId | None = None
    until: datetime | None = None
    elapsed: datetime | None = None
    version: int = 0


def access_of(
    organisation: OrganisationId,
    subscriptions: Sequence[Subscription],
    *,
    grace: timedelta,
    elapsed: datetime | None = None,
) -> Access:
    """The access by all subscriptions of an organisation; of equal ones the one that was started first counts."""
    given = [_given_by(one, organisation, grace, elapsed) for one in subscriptions]
    best = min(zip(given, subscriptions, strict=True), key=lambda pair: _order(*pair))
    return best[0]


def current_level(access: Access, *, at: datetime) -> AccessLevel:
    """The level at a moment: a grace period that is over gives none, also before the job has stored it."""
    return level_at(access.level, access.until, at=at)


def level_at(level: AccessLevel, until: datetime | None, *, at: datetime) -> AccessLevel:
    """The same of a level and its end."""
    over = level is AccessLevel.GRACE and until is not None and until <= at
    return AccessLevel.NONE if over else level


def _given_by(
    one: Subscription, organisation: OrganisationId, grace: timedelta, elapsed: datetime | None
) -> Access:
    level, why, until = _level(one, grace, elapsed)
    return Access(
        organisation_id=organisation,
        level=level,
        why=why,
        subscription_id=one.id,
        seats=one.quantity,
        plan=one.plan,
        until=until,
        elapsed=elapsed,
    )


def _level(
    one: Subscription, grace: timedelta, elapsed: datetime | None
) -> tuple[AccessLevel, str, datetime | None]:
    """Level, reason and end that one subscription gives.

    A paused one has grace only after a failed payment, not when its owner or a trial without a card paused it.
    """
    since = one.overdue_since
    if one.status in _RUNS:
        return (AccessLevel.FULL, one.status.value, one.cancel_at) if one.settled else _nothing(NOT_SETTLED)
    overdue = one.status is SubscriptionStatus.PAST_DUE or (one.status is SubscriptionStatus.PAUSED and since)
    if not overdue:
        return _nothing(one.status.value)
    if not one.settled:
        return _nothing(NOT_SETTLED)
    until = since + grace if since else None
    if until and elapsed and until <= elapsed:
        return _nothing(GRACE_OVER)
    return AccessLevel.GRACE, one.status.value, until


def _nothing(why: str) -> tuple[AccessLevel, str, datetime | None]:
    return AccessLevel.NONE, why, None


def _order(access: Access, one: Subscription) -> tuple[int, bool, float, str]:
    started = one.started_at.timestamp() if one.started_at else float("inf")
    return _BEST_FIRST.index(access.level), one.ended, started, one.id
