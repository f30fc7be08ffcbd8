"""How long to wait before the next try: longer each time, and never all at once."""

import random

FIRST = 0.5
LONGEST = 600.0


def backoff_delay(attempt: int, *, asked_for: float | None = None) -> float:
    """Seconds until try `attempt` + 1: doubling from half a second to ten minutes, with half of it random, so that a
    thousand messages do not come back in one instant. What the other side asked for (Retry-After) is the least, and
    up to a quarter of it more, for it asks everybody at once."""
    ceiling: float = min(LONGEST, FIRST * 2 ** min(attempt - 1, 20))
    jittered = ceiling / 2 + random.uniform(0, ceiling / 2)  # noqa: S311 - spreads load, guards nothing
    patience = (asked_for or 0.0) * random.uniform(1, 1.25)  # noqa: S311
    return max(jittered, patience)
