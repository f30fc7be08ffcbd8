"""Adaptive linger: waits for a fuller batch under load, because eight messages cost as much as eighty.

A message that comes alone does not wait.
"""

import asyncio
import time
from collections.abc import Callable

STORM_RATE = 1000.0
"""Messages per second above which single publishes cost more than a short wait: a core of a small server."""
MIN_BATCH = 4
FULL_BATCH = 64
"""Batch size that waits the longest; a smaller batch waits in proportion."""


class AdaptiveLinger:
    """Adaptive linger: waits before the next batch as long as the size and rate of the last one justify."""

    def __init__(self, *, longest: float, clock: Callable[[], float] = time.monotonic) -> None:
        """`longest`: seconds to wait after a batch of FULL_BATCH; a fifth of it is the least wait. `clock`
        counts seconds."""
        self._longest, self._clock = longest, clock
        self._last = 0.0

    async def wait(self, messages: int) -> None:
        """Wait if the last batch has MIN_BATCH messages or more and they came faster than STORM_RATE."""
        now = self._clock()
        stormy = messages >= MIN_BATCH and messages > STORM_RATE * (now - self._last)
        self._last = now
        if stormy:
            await asyncio.sleep(self._longest * max(0.2, min(messages / FULL_BATCH, 1.0)))
