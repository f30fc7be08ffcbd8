"""The pace at which all workers together ask, kept in one row."""

import asyncio
import time

import pytest

from egpay.adapters.postgres.connection.pool import create_pool
from egpay.adapters.postgres.rate_limiter import PostgresRateLimiter
from egpay.domain.errors import Outage


async def test_turns_of_several_processes_come_at_one_pace_after_what_was_saved_up(database_url: str) -> None:
    async with create_pool(database_url, name="one") as one, create_pool(database_url, name="two") as two:
        workers = [PostgresRateLimiter(pool, "stripe", 50) for pool in (one, two)]
        started = time.monotonic()
        waits = sorted(await asyncio.gather(*(workers[n % 2].turn() for n in range(150))))
        took = time.monotonic() - started
    assert sum(wait == 0 for wait in waits) >= 49
    assert 2 - took - 0.1 <= waits[-1] <= 2.1


async def test_a_turn_far_away_is_not_given_out(database_url: str) -> None:
    async with create_pool(database_url, name="test") as pool:
        pace = PostgresRateLimiter(pool, "stripe", 0.04)
        assert await pace.turn() == 0
        with pytest.raises(Outage, match="too many questions") as caught:
            await pace.turn()
        assert caught.value.retry_after == 10
        assert await PostgresRateLimiter(pool, "another", 1).turn() == 0
