from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from egpay.domain.access import Access, AccessLevel, access_of, current_level
from egpay.domain.subscription import Subscription, SubscriptionStatus
from egpay.domain.values import InvoiceId, OrganisationId, ProductId, SubscriptionId

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
DUE = NOON - timedelta(days=3)
GRACE = timedelta(days=14)
CLUB = OrganisationId("org_club")


def subscription(
    status: SubscriptionStatus = SubscriptionStatus.ACTIVE, name: str = "sub_1", **facts: Any
) -> Subscription:
    known = {"settled": True, "organisation_id": CLUB, **facts}
    return Subscription(id=SubscriptionId(name), status=status, reported_at=NOON, **known)


def given_by(*held: Subscription, elapsed: datetime | None = None) -> Access:
    return access_of(CLUB, held, grace=GRACE, elapsed=elapsed)


def overdue(status: SubscriptionStatus = SubscriptionStatus.PAST_DUE, **facts: Any) -> Subscription:
    return subscription(status, **{"renewals": {InvoiceId("in_2"): DUE}, **facts})


@pytest.mark.parametrize(
    ("status", "level"),
    [
        ("active", "full"),
        ("trialing", "full"),
        ("past_due", "grace"),
        ("unpaid", "none"),
        ("paused", "none"),
        ("incomplete", "none"),
        ("incomplete_expired", "none"),
        ("canceled", "none"),
    ],
)
def test_each_status_of_stripe_gives_its_level_and_is_the_reason(status: str, level: str) -> None:
    given = given_by(subscription(SubscriptionStatus(status)))
    assert (given.level, given.why, given.until) == (level, status, None)


def test_a_subscription_whose_first_payment_pends_gives_no_access() -> None:
    given = given_by(subscription(settled=False))
    assert (given.level, given.why) == ("none", "not_settled")
    assert given_by(overdue(settled=False)).level is AccessLevel.NONE


def test_grace_lasts_fourteen_days_from_when_the_oldest_unpaid_renewal_fell_due() -> None:
    two = {InvoiceId("in_3"): NOON, InvoiceId("in_2"): DUE}
    given = given_by(overdue(renewals=two))
    assert (given.level, given.until) == ("grace", DUE + timedelta(days=14))
    paid = given_by(overdue(renewals={**two, InvoiceId("in_2"): None}))
    assert paid.until == NOON + timedelta(days=14)


def test_a_pause_has_grace_only_after_a_failed_payment() -> None:
    assert given_by(overdue(SubscriptionStatus.PAUSED)).level is AccessLevel.GRACE
    assert given_by(subscription(SubscriptionStatus.PAUSED)).level is AccessLevel.NONE


def test_a_grace_period_that_has_passed_gives_nothing_until_a_later_renewal_is_the_oldest() -> None:
    end = DUE + GRACE
    over = given_by(overdue(), elapsed=end)
    assert (over.level, over.why, over.until) == ("none", "grace_over", None)
    later = given_by(overdue(renewals={InvoiceId("in_3"): NOON}), elapsed=end)
    assert (later.level, later.until) == ("grace", NOON + GRACE)


def test_a_reader_sees_the_end_of_the_grace_before_anything_reports_it() -> None:
    given = given_by(overdue())
    assert current_level(given, at=DUE + GRACE - timedelta(seconds=1)) is AccessLevel.GRACE
    assert current_level(given, at=DUE + GRACE) is AccessLevel.NONE


def test_full_access_names_the_end_that_is_set() -> None:
    assert given_by(subscription(cancel_at=NOON)).until == NOON


def test_the_best_subscription_counts_with_its_own_plan_and_seats_never_a_sum() -> None:
    old = overdue(name="sub_old", quantity=50, plan=ProductId("yearly"), started_at=DUE)
    new = subscription(name="sub_new", quantity=3, plan=ProductId("monthly"), started_at=NOON)
    for held in ((old, new), (new, old)):
        given = given_by(*held)
        assert (given.level, given.seats, given.plan, given.until) == ("full", 3, "monthly", None)


def test_of_equal_subscriptions_the_one_that_was_started_first_counts() -> None:
    first = subscription(name="sub_z", quantity=1, started_at=DUE)
    second = subscription(name="sub_a", quantity=9, started_at=NOON)
    for held in ((first, second), (second, first)):
        assert given_by(*held).seats == 1


def test_the_end_of_an_old_subscription_never_closes_what_a_new_one_holds_open() -> None:
    ended = subscription(SubscriptionStatus.CANCELED, started_at=DUE)
    assert given_by(ended, subscription(name="sub_2")).level is AccessLevel.FULL


def test_without_any_access_the_reason_is_of_a_subscription_that_has_not_ended() -> None:
    ended = subscription(SubscriptionStatus.CANCELED, started_at=DUE)
    assert given_by(ended, subscription(SubscriptionStatus.UNPAID, "sub_2")).why == "unpaid"
