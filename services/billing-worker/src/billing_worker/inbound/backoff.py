"""Backoff policy: when to try again, within bounds, and after which errors a retry makes sense."""

import asyncio
import math
import random

from egpay.domain.errors import Outage

FIRST_DELAY = 0.5
LONGEST_DELAY = 600.0
"""Seconds before the first retry, and at most before any."""

LONGEST_ASKED = 3600.0
"""Seconds of a Retry-After that one command waits at most. NATS takes a delay as 64 bits of nanoseconds and delivers a
message with a longer one at once: 418 posts in 2.4 s."""


def backoff_delay(attempt: int, *, asked_for: float | None = None) -> float:
    """Exponential backoff with jitter: seconds until try `attempt` + 1, from half a second to ten minutes.

    It doubles with each try; half of it is random, so that a thousand messages do not come back in one instant. What
    the other side asked for (Retry-After) is the least, up to an hour, plus up to a quarter, because it asks all
    callers at once. It never makes the delay shorter.
    """
    ceiling: float = min(LONGEST_DELAY, FIRST_DELAY * 2 ** min(attempt - 1, 20))
    jittered = ceiling / 2 + random.uniform(0, ceiling / 2)  # noqa: S311 - spreads load, guards nothing
    return max(jittered, _bounded(asked_for) * random.uniform(1, 1.25))  # noqa: S311


def _bounded(asked_for: float | None) -> float:
    if asked_for is None or not math.isfinite(asked_for):
        return 0.0
    return min(max(asked_for, 0.0), LONGEST_ASKED)


def as_outage(fault: BaseException) -> Outage | None:
    """Return what an unmapped error means when only the moment is wrong, so that a retry may succeed; else None."""
    if isinstance(fault, Outage):
        return fault
    if isinstance(fault, TimeoutError | ConnectionError | MemoryError | asyncio.CancelledError):
        return Outage(f"interrupted: {type(fault).__name__}")
    if isinstance(fault, BaseExceptionGroup):
        inner = [as_outage(each) for each in fault.exceptions]
        return inner[0] if all(inner) else None
    return None


def stops_work(fault: BaseException) -> bool:
    """Whether it ends this task or process, and must go on; a stray CancelledError of a library does not."""
    if isinstance(fault, BaseExceptionGroup):
        return any(stops_work(each) for each in fault.exceptions)
    if isinstance(fault, asyncio.CancelledError):
        task = asyncio.current_task()
        return task is not None and task.cancelling() > 0
    return isinstance(fault, KeyboardInterrupt | SystemExit | GeneratorExit)
