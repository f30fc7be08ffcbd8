from datetime import UTC, datetime, timedelta

import pytest

from egpay.domain.access import GRACE, POLICY, Access, access
from egpay.domain.subscription import Subscription, SubscriptionStatus
from egpay.domain.values import SubscriptionId

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def subscription(status: SubscriptionStatus, name: str = "sub_1") -> Subscription:
    return Subscription(id=SubscriptionId(name), status=status, reported_at=NOON)


def test_every_word_of_stripe_has_its_line_in_the_table() -> None:
    assert set(POLICY) == set(SubscriptionStatus)


@pytest.mark.parametrize("status", SubscriptionStatus)
def test_only_what_runs_or_is_overdue_for_a_while_gives_access(status: SubscriptionStatus) -> None:
    given = access([subscription(status)], at=NOON + timedelta(days=1))
    running = {SubscriptionStatus.ACTIVE, SubscriptionStatus.TRIALING}
    expected = Access.FULL if status in running else Access.GRACE if status == "past_due" else Access.NONE
    assert given is expected


def test_patience_with_an_overdue_account_ends() -> None:
    overdue = [subscription(SubscriptionStatus.PAST_DUE)]
    assert access(overdue, at=NOON + GRACE) is Access.GRACE
    assert access(overdue, at=NOON + GRACE + timedelta(seconds=1)) is Access.NONE
    assert access(overdue, at=NOON + timedelta(days=3), grace=timedelta(days=2)) is Access.NONE


def test_the_end_of_an_old_subscription_never_closes_what_a_new_one_holds_open() -> None:
    both = [subscription(SubscriptionStatus.CANCELED), subscription(SubscriptionStatus.ACTIVE, "sub_2")]
    assert access(both, at=NOON) is Access.FULL
    assert access(reversed(both), at=NOON) is Access.FULL


def test_an_account_without_any_subscription_has_no_access() -> None:
    assert access([], at=NOON) is Access.NONE
