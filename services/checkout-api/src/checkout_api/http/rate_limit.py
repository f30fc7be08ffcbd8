"""Rate limiter per client address: refuses too many orders a minute and says when to retry."""

from collections import OrderedDict
from collections.abc import Callable

from checkout_api.http.request_errors import RateLimited

_ADDRESSES = 10_000


class ClientRateLimiter:
    """Token bucket of `per_minute` orders for each address, refilled steadily; 0 lifts the limit.

    It is per process and holds the 10,000 addresses seen last, so that scripts cannot fill the order book nor the
    memory. `now` counts in seconds from any start.
    """

    def __init__(self, per_minute: int, *, now: Callable[[], float]) -> None:
        """Start with full buckets."""
        self._per_minute = per_minute
        self._now = now
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, address: str) -> None:
        """Take one token out of the address's bucket; raises RateLimited when it is empty."""
        if self._per_minute == 0:
            return
        now, rate = self._now(), self._per_minute / 60
        level, then = self._buckets.pop(address, (float(self._per_minute), now))
        level = min(self._per_minute, level + (now - then) * rate)
        self._buckets[address] = (level - 1 if level >= 1 else level, now)
        if len(self._buckets) > _ADDRESSES:
            self._buckets.popitem(last=False)
        if level < 1:
            raise RateLimited((1 - level) / rate)
