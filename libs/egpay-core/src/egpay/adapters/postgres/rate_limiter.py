"""GCRA rate limiter shared by all processes: one row holds when the next turn is (virtual schedule)."""

from datetime import timedelta

import msgspec

from egpay.adapters.postgres.connection.error_mapping import mapped_errors
from egpay.adapters.postgres.connection.pool import ACQUIRE_TIMEOUT, Pool
from egpay.domain.errors import Outage

LONGEST = 20.0
"""Seconds of waiting turns beyond which it grants no more."""

# clock_timestamp(), because now() is the same before and after the wait for the row.
TURN = """
    INSERT INTO pace AS mine (name, next_at) VALUES ($1, clock_timestamp() - $3::interval + $2::interval)
    ON CONFLICT (name) DO UPDATE
    SET next_at = greatest(mine.next_at, clock_timestamp() - $3::interval) + $2::interval
    WHERE mine.next_at < clock_timestamp() + $4::interval
    RETURNING extract(epoch FROM next_at - $2::interval - clock_timestamp())::float8
"""


class PostgresRateLimiter(msgspec.Struct, frozen=True):
    """Port `RateLimiter`: `per_second` turns, of which a burst of one second's may be saved up.

    The clock is the database's, the same for all."""

    pool: Pool
    name: str
    per_second: float

    async def turn(self) -> float:
        """Acquire the next turn: pushes the schedule ahead by one."""
        step, saved = _seconds(1 / self.per_second), _seconds(1 - 1 / self.per_second)
        with mapped_errors():
            async with self.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
                wait = await connection.fetchval(TURN, self.name, step, saved, _seconds(LONGEST))
        if wait is None:
            raise Outage("too many questions wait for their turn", retry_after=LONGEST / 2)
        return max(0.0, float(wait))


def _seconds(number: float) -> timedelta:
    return timedelta(seconds=max(0.0, number))
