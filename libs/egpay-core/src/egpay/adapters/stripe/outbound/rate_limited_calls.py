"""Rate-limited calls: space out requests that can wait, so that buyers never meet Stripe's limits.

Stripe allows 25 requests a second on one endpoint and 100 on all of them (docs.stripe.com/rate-limits).
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from egpay.domain.errors import Outage, RefusedByProvider
from egpay.provider_calls import ProviderCalls

T = TypeVar("T")

LONGEST_WAIT = 30.0
"""Seconds of a Retry-After that a call waits for; with a longer one the caller comes back at its next turn."""


@dataclass(slots=True)
class RateLimitedCalls:
    """Rate limiter with back-off: at most `per_second` calls, retried after an Outage.

    It makes up to `tries` tries, after a delay that doubles from `first` seconds, is jittered, and is never
    shorter than what Stripe asked for. `calls` keeps the pauses that all processes share."""

    per_second: float = 5.0
    tries: int = 4
    first: float = 0.5
    calls: ProviderCalls | None = None
    _next: float = field(default=0.0, init=False)

    async def __call__(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Call in turn, with retries; raises the last Outage."""
        for attempt in range(1, self.tries + 1):
            await self._turn()
            try:
                return await (self.calls(ask) if self.calls else ask())
            except Outage as outage:
                asked_for = outage.retry_after or 0.0
                if attempt == self.tries or asked_for > LONGEST_WAIT or isinstance(outage, RefusedByProvider):
                    raise
                delay = self.first * 2 ** (attempt - 1) * random.uniform(0.5, 1.0)  # noqa: S311
                await asyncio.sleep(max(delay, asked_for))
        raise AssertionError("unreachable")

    async def _turn(self) -> None:
        now = time.monotonic()
        at = max(self._next, now)
        self._next = at + 1 / self.per_second
        await asyncio.sleep(at - now)
