from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from egpay.domain.subscription import ENDED, Subscription, SubscriptionReport, SubscriptionStatus
from egpay.domain.values import SubscriptionId

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)

reports = st.builds(
    lambda status, quantity, second: (
        SubscriptionReport(status=status, quantity=quantity),
        NOON + timedelta(seconds=second),
    ),
    st.sampled_from(SubscriptionStatus),
    st.integers(1, 4),
    st.integers(0, 3),
)


def heard(told: list[tuple[SubscriptionReport, datetime]]) -> Subscription:
    first, at = told[0]
    subscription = Subscription(
        id=SubscriptionId("sub_1"), status=first.status, quantity=first.quantity, reported_at=at
    )
    for report, moment in told[1:]:
        subscription = subscription.observe(report, at=moment)
    return subscription


@given(
    st.lists(reports, min_size=1, max_size=5).flatmap(
        lambda told: st.tuples(st.just(told), st.permutations(told))
    )
)
def test_whatever_the_order_the_same_status_holds(
    case: tuple[list[tuple[SubscriptionReport, datetime]], list[tuple[SubscriptionReport, datetime]]],
) -> None:
    told, shuffled = case
    ends = {report.status for report, _ in told if report.status in ENDED}
    if len(ends) < 2:
        assert heard(told).status is heard(shuffled).status


@given(st.lists(reports, min_size=1, max_size=5))
def test_hearing_everything_twice_changes_nothing(told: list[tuple[SubscriptionReport, datetime]]) -> None:
    once, twice = heard(told), heard(told + told)
    assert once.status is twice.status
    assert once.ended is twice.ended


def test_seats_follow_the_newest_report() -> None:
    def seats(quantity: int, second: int) -> tuple[SubscriptionReport, datetime]:
        report = SubscriptionReport(status=SubscriptionStatus.ACTIVE, quantity=quantity)
        return report, NOON + timedelta(seconds=second)

    assert heard([seats(5, 1), seats(7, 3), seats(3, 2)]).quantity == 7


def test_a_tie_is_contested_until_something_newer_is_heard() -> None:
    incomplete = SubscriptionReport(status=SubscriptionStatus.INCOMPLETE)
    active = SubscriptionReport(status=SubscriptionStatus.ACTIVE)
    tied = heard([(active, NOON), (incomplete, NOON)])
    assert tied.status is SubscriptionStatus.ACTIVE
    assert tied.contested
    assert not tied.observe(active, at=NOON + timedelta(seconds=1)).contested
