from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from egpay.domain.subscription import ENDED, Subscription, SubscriptionReport, SubscriptionStatus
from egpay.domain.subscription_item import PlanReport
from egpay.domain.values import CustomerId, InvoiceId, ProductId, SubscriptionId

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
        id=SubscriptionId("sub_1"), status=first.status, reported_at=at, customer_id=first.customer_id
    ).observe_plan(PlanReport(quantity=first.quantity), at=at)
    for report, moment in told[1:]:
        subscription = subscription.observe(report, at=moment)
        subscription = subscription.observe_plan(PlanReport(quantity=report.quantity), at=moment)
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


plans = st.tuples(
    st.builds(
        PlanReport,
        quantity=st.integers(1, 3),
        price_id=st.sampled_from(["price_a", "price_b", None]),
        own=st.booleans(),
    ),
    st.integers(0, 3).map(lambda second: NOON + timedelta(seconds=second)),
)


@given(
    st.lists(plans, min_size=1, max_size=5).flatmap(
        lambda told: st.tuples(st.just(told), st.permutations(told))
    )
)
def test_plan_and_seats_are_those_of_the_newest_report_with_an_item_of_ours_in_every_order(
    case: tuple[list[tuple[PlanReport, datetime]], list[tuple[PlanReport, datetime]]],
) -> None:
    def seen(told: list[tuple[PlanReport, datetime]]) -> tuple[int, str | None, bool]:
        one = Subscription(id=SubscriptionId("sub_1"), status=SubscriptionStatus.ACTIVE, reported_at=NOON)
        for plan, moment in told:
            one = one.observe_plan(plan, at=moment)
        return one.quantity, one.price_id, one.plan_known

    told, shuffled = case
    assert seen(told) == seen(shuffled)
    newest = max(moment for plan, moment in told if plan.own) if any(plan.own for plan, _ in told) else None
    if newest:
        assert seen(told)[0] == max(plan.rank for plan, at in told if plan.own and at == newest)[0]


def test_an_add_on_that_is_reported_alone_leaves_plan_and_seats() -> None:
    one = Subscription(id=SubscriptionId("sub_1"), status=SubscriptionStatus.ACTIVE, reported_at=NOON)
    ours = PlanReport(quantity=7, plan=ProductId("yearly"), price_id="price_y", own=True)
    kept = one.observe_plan(ours, at=NOON).observe_plan(PlanReport(quantity=2), at=NOON + timedelta(days=1))
    assert (kept.quantity, kept.plan) == (7, "yearly")


def test_an_end_that_names_no_customer_keeps_the_one_that_is_known_in_either_order() -> None:
    active = SubscriptionReport(status=SubscriptionStatus.ACTIVE, customer_id=CustomerId("cus_1"))
    end = SubscriptionReport(status=SubscriptionStatus.CANCELED)
    for told in (
        [(active, NOON), (end, NOON + timedelta(days=1))],
        [(end, NOON + timedelta(days=1)), (active, NOON)],
    ):
        ended = heard(told)
        assert (ended.status, ended.customer_id) == ("canceled", "cus_1")


def test_a_renewal_that_was_paid_is_never_owed_again_and_the_earliest_date_holds() -> None:
    one = Subscription(id=SubscriptionId("sub_1"), status=SubscriptionStatus.ACTIVE, reported_at=NOON)
    first, second = InvoiceId("in_1"), InvoiceId("in_2")
    owing = (
        one.owing(second, NOON).owing(first, NOON + timedelta(days=1)).owing(second, NOON + timedelta(days=2))
    )
    assert owing.overdue_since == NOON
    assert owing.owing_no_more(second).overdue_since == NOON + timedelta(days=1)
    assert one.owing_no_more(first).owing(first, NOON).overdue_since is None
