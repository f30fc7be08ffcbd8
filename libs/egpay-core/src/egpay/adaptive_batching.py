"""In a storm a batch waits a moment for company, because it costs the same for eight messages as for eighty; a message
that comes alone waits for nobody."""

import asyncio
import time
from collections.abc import Callable

STORM_RATE = 1000.0
"""Messages per second from which on lone messages cost more than a moment's wait: a core of a small server."""
MIN_BATCH = 4
FULL_BATCH = 64
"""A batch of so many is worth its price; smaller ones wait in proportion."""


class AdaptiveLinger:
    """Says how long to wait before the next batch, from what the last one brought."""

    def __init__(self, *, longest: float, clock: Callable[[], float] = time.monotonic) -> None:
        """`longest`: seconds to wait after a batch of plenty; a fifth of it after the smallest that counts. `clock`
        counts seconds."""
        self._longest, self._clock = longest, clock
        self._last = 0.0

    async def wait(self, messages: int) -> None:
        """Wait, if the messages of the last batch came as in a storm."""
        now = self._clock()
        stormy = messages >= MIN_BATCH and messages > STORM_RATE * (now - self._last)
        self._last = now
        if stormy:
            await asyncio.sleep(self._longest * max(0.2, min(messages / FULL_BATCH, 1.0)))
