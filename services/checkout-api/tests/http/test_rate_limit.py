"""Each address may post so many orders a minute, and is told when to go on."""

import pytest

from checkout_api.http.request_errors import RateLimited
from checkout_api.http.request_limits import ClientRateLimiter


class Seconds:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_an_address_may_post_its_minutes_worth_and_then_one_at_a_time() -> None:
    clock = Seconds()
    limit = ClientRateLimiter(6, now=clock)
    for _ in range(6):
        limit.take("192.0.2.1")
    with pytest.raises(RateLimited) as refused:
        limit.take("192.0.2.1")
    assert refused.value.retry_after == pytest.approx(10)
    clock.now += 10
    limit.take("192.0.2.1")
    with pytest.raises(RateLimited):
        limit.take("192.0.2.1")


def test_addresses_do_not_pay_for_each_other() -> None:
    limit = ClientRateLimiter(1, now=Seconds())
    limit.take("192.0.2.1")
    limit.take("192.0.2.2")


def test_zero_lifts_the_limit() -> None:
    limit = ClientRateLimiter(0, now=Seconds())
    for _ in range(1000):
        limit.take("192.0.2.1")


def test_a_flood_of_addresses_does_not_fill_the_memory() -> None:
    limit = ClientRateLimiter(1, now=Seconds())
    for number in range(20_000):
        limit.take(str(number))
    assert len(limit._buckets) == 10_000
