"""Buffered metrics: counts in memory, and writes to the series ten times a second.

A count that several processes share is written to a file with a lock held: four of them for each webhook took
most of the time of verifying its signature.
"""

import asyncio
from bisect import bisect_left
from collections import Counter as Tally

from prometheus_client import Counter, Histogram


class BufferedMetrics:
    """Buffered metrics, at most `every` seconds behind; without an event loop they are written at once."""

    def __init__(self, *, every: float = 0.1) -> None:
        """Start with empty buffers."""
        self._every = every
        self._counts: dict[Counter, int] = {}
        self._amounts: dict[Histogram, list[float]] = {}
        self._waiting = False

    def count(self, series: Counter) -> None:
        """Add one to a counter."""
        self._counts[series] = self._counts.get(series, 0) + 1
        if not self._waiting:
            self._wait()

    def observe(self, series: Histogram, amount: float) -> None:
        """Add an amount to a histogram."""
        amounts = self._amounts.get(series)
        if amounts is None:
            amounts = self._amounts[series] = []
        amounts.append(amount)
        if not self._waiting:
            self._wait()

    def flush(self) -> None:
        """Write the buffers to their series."""
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
    """As `observe` for each amount; prometheus-client has no batch call, but its buckets are plain lists."""
    bounds, buckets = histogram._upper_bounds, histogram._buckets  # noqa: SLF001
    for place, count in Tally(bisect_left(bounds, amount) for amount in amounts).items():
        buckets[place].inc(count)
    histogram._sum.inc(sum(amounts))  # noqa: SLF001
