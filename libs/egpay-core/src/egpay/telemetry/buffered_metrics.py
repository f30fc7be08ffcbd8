"""What comes thousands of times a second is counted in memory, and written to its series ten times a second.

A count that several processes share is written to a file with a lock held: four of them for each webhook took most of
the time of verifying its signature.
"""

import asyncio
from bisect import bisect_left
from collections import Counter as Tally

from prometheus_client import Counter, Histogram


class BufferedMetrics:
    """Counts whose series are at most `every` seconds behind. Without an event loop nothing is held back."""

    def __init__(self, *, every: float = 0.1) -> None:
        """Nothing is held back yet."""
        self._every = every
        self._counts: dict[Counter, int] = {}
        self._amounts: dict[Histogram, list[float]] = {}
        self._waiting = False

    def count(self, series: Counter) -> None:
        """One more."""
        self._counts[series] = self._counts.get(series, 0) + 1
        if not self._waiting:
            self._wait()

    def observe(self, series: Histogram, amount: float) -> None:
        """One more of this amount."""
        amounts = self._amounts.get(series)
        if amounts is None:
            amounts = self._amounts[series] = []
        amounts.append(amount)
        if not self._waiting:
            self._wait()

    def flush(self) -> None:
        """Write down what was counted until now."""
        self._waiting = False
        counts, self._counts = self._counts, {}
        amounts, self._amounts = self._amounts, {}
        for counter, count in counts.items():
            counter.inc(count)
        for histogram, several in amounts.items():
            _observe_all(histogram, several)

    def _wait(self) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self.flush()
        else:
            self._waiting = True
            loop.call_later(self._every, self.flush)


def _observe_all(histogram: Histogram, amounts: list[float]) -> None:
    """As `observe` for each; prometheus-client knows no way to say several at once, but keeps plain lists."""
    bounds, buckets = histogram._upper_bounds, histogram._buckets  # noqa: SLF001
    for place, count in Tally(bisect_left(bounds, amount) for amount in amounts).items():
        buckets[place].inc(count)
    histogram._sum.inc(sum(amounts))  # noqa: SLF001
