"""What went back, of refunds that may fail: one sum, in whatever order it is told."""

import itertools
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from egpay.domain.refunds import CAME_BACK, RefundRecord, Refunds, RefundStatus

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
Fact = Callable[[Refunds], Refunds]


def back(amount: int, at: int, *, in_full: bool = False) -> Fact:
    return lambda refunds: refunds.reported(amount, in_full=in_full, at=NOON + timedelta(seconds=at))


def made(
    name: str,
    amount: int,
    at: int,
    status: RefundStatus = RefundStatus.SUCCEEDED,
    *,
    told_at: int | None = None,
) -> Fact:
    reported = NOON + timedelta(seconds=at if told_at is None else told_at)
    record = RefundRecord(
        amount=amount,
        status=status,
        reported_at=reported,
        created_at=NOON + timedelta(seconds=at),
        came_back_at=reported if status in CAME_BACK else None,
    )
    return lambda refunds: refunds.with_refund(name, record)


def failed(name: str, amount: int, at: int) -> Fact:
    """The failure of a refund, as a release that kept no time of its making stored it."""
    reported = NOON + timedelta(seconds=at)
    record = RefundRecord(
        amount=amount, status=RefundStatus.FAILED, reported_at=reported, came_back_at=reported
    )
    return lambda refunds: refunds.with_refund(name, record)


def same(amount: int, _currency: str | None) -> int:
    return amount


STORIES: dict[str, tuple[Sequence[Fact], tuple[int, bool]]] = {
    "nothing": ((), (0, False)),
    "two parts": ((back(100, 1), back(150, 2)), (150, False)),
    "all of it, which fails": ((back(900, 1, in_full=True), failed("re_1", 900, 60)), (0, False)),
    "one part of two fails": ((back(100, 1), back(150, 2), failed("re_2", 50, 60)), (100, False)),
    "both parts fail": (
        (back(100, 1), back(150, 2), failed("re_1", 100, 60), failed("re_2", 50, 70)),
        (0, False),
    ),
    "it fails, and is given back again": (
        (back(900, 1, in_full=True), failed("re_1", 900, 60), back(900, 90, in_full=True)),
        (900, True),
    ),
    "it fails, is given back again, and fails again": (
        (
            back(900, 1, in_full=True),
            failed("re_1", 900, 60),
            back(900, 90, in_full=True),
            failed("re_2", 900, 120),
        ),
        (0, False),
    ),
    "a part fails, and another part goes back after that": (
        (back(100, 1), failed("re_1", 100, 60), back(50, 90)),
        (50, False),
    ),
    "it fails in the second in which it was told": (
        (back(900, 1, in_full=True), failed("re_1", 900, 1)),
        (0, False),
    ),
    "one failure is told by two events, long apart": (
        (
            back(900, 1, in_full=True),
            failed("re_1", 900, 60),
            back(900, 90, in_full=True),
            failed("re_1", 900, 95),
        ),
        (900, True),
    ),
    "only the failure is told": ((failed("re_1", 900, 60),), (0, False)),
    "by id, from its creation": ((made("re_1", 900, 1, RefundStatus.PENDING),), (900, False)),
    "by id and in the total": (
        (made("re_1", 100, 1), back(100, 1), made("re_2", 50, 9), back(150, 9)),
        (150, False),
    ),
    "one by id, and another that only the total has": ((made("re_2", 50, 9), back(150, 9)), (150, False)),
    "by id after the newest total": ((back(100, 1), made("re_2", 50, 9)), (150, False)),
    "by id, then cancelled": (
        (
            back(100, 1),
            made("re_1", 100, 1),
            made("re_2", 50, 9, RefundStatus.REQUIRES_ACTION),
            made("re_2", 50, 9, RefundStatus.CANCELED, told_at=20),
        ),
        (100, False),
    ),
    "by id, failed before another that only the total has": (
        (made("re_1", 100, 1), made("re_1", 100, 1, RefundStatus.FAILED, told_at=20), back(50, 30)),
        (50, False),
    ),
}


@pytest.mark.parametrize("story", STORIES)
def test_the_sum_is_the_same_in_every_order_told_once_and_twice(story: str) -> None:
    facts, expected = STORIES[story]
    ends = set()
    for order in itertools.permutations(facts):
        once, twice = Refunds(), Refunds()
        for fact in order:
            once, twice = fact(once), fact(fact(twice))
        for fact in order:
            twice = fact(twice)
        assert once == twice
        ends.add((once.given_back(same), once.in_full))
    assert ends == {expected}


def test_what_had_once_gone_back_is_remembered() -> None:
    for order in itertools.permutations((back(900, 1, in_full=True), failed("re_1", 900, 60))):
        refunds = Refunds()
        for fact in order:
            refunds = fact(refunds)
        assert (refunds.most_given_back(same, amount=900), refunds.ever_in_full) == (900, True)


def test_a_refund_repeated_after_it_failed_was_never_given_back_twice() -> None:
    facts = (
        made("re_1", 30, 1),
        made("re_1", 30, 1, RefundStatus.FAILED, told_at=20),
        made("re_2", 30, 40),
    )
    for order in itertools.permutations(facts):
        refunds = Refunds()
        for fact in order:
            refunds = fact(refunds)
            assert refunds.most_given_back(same, amount=49) <= 30
