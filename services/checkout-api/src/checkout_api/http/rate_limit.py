"""Nobody fills the order book by script: each address may post so many orders a minute, and is told when to go on."""

from collections import OrderedDict
from collections.abc import Callable

from checkout_api.http.request_errors import RateLimited

_ADDRESSES = 10_000


class ClientRateLimiter:
    """A bucket of `per_minute` orders for each address, filled up steadily; 0 lifts the limit.

    Per process, and it remembers the 10,000 addresses seen last. `now` counts in seconds from anywhere.
    """

    def __init__(self, per_minute: int, *, now: Callable[[], float]) -> None:
        """Begin with full buckets."""
        self._per_minute = per_minute
        self._now = now
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, address: str) -> None:
        """Take one order out of the address's bucket; raises RateLimited when it is empty."""
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
