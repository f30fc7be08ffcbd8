"""Exponential back-off with jitter, so that retries do not come all at the same moment."""

import random

GIVE_UP_AFTER_SECONDS = 3 * 24 * 3600.0


def backoff_delay(retry: int, base: float, max_delay: float, rng: random.Random) -> float:
    """Returns the seconds before a retry (1 is the first): base, 2 base, 4 base ... longest, +-25 %.

    Stripe publishes that it grows exponentially for up to three days, not the intervals
    (docs.stripe.com/webhooks#retries).
    """
    return min(base * 2.0 ** min(retry - 1, 30), max_delay) * rng.uniform(0.75, 1.25)
