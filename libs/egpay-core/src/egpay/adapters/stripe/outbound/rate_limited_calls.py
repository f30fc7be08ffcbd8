"""Rate-limited calls: space out requests that can wait, so that buyers never meet Stripe's limits.

Stripe allows 25 requests a second on one endpoint and 100 on all of them (docs.stripe.com/rate-limits).
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from egpay.domain.errors import Outage

T = TypeVar("T")


@dataclass(slots=True)
class RateLimitedCalls:
    """Rate limiter with back-off: at most `per_second` calls, retried after an Outage.

    It makes up to `tries` tries, after a delay that doubles from `first` seconds, is jittered, and is never
    shorter than what Stripe asked for."""

    per_second: float = 5.0
    tries: int = 4
    first: float = 0.5
    _next: float = field(default=0.0, init=False)

    async def __call__(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Call in turn, with retries; raises the last Outage."""
        for attempt in range(1, self.tries + 1):
            await self._turn()
            try:
                return await ask()
            except Outage as outage:
                if attempt == self.tries:
                    raise
                delay = self.first * 2 ** (attempt - 1) * random.uniform(0.5, 1.0)  # noqa: S311
                await asyncio.sleep(max(delay, outage.retry_after or 0.0))
        raise AssertionError("unreachable")

    async def _turn(self) -> None:
        now = time.monotonic()
        at = max(self._next, now)
        self._next = at + 1 / self.per_second
        await asyncio.sleep(at - now)
