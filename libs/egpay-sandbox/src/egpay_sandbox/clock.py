"""One place tells the time, so a 24-hour Checkout session can expire in a test that takes a second."""

import time


class Clock:
    """The sandbox's time: Stripe's world may be moved forward, the wall clock may not.

    Signatures and retries follow `wall`, or a receiver would refuse them as too new.
    Both are Unix seconds.
    """

    def __init__(self) -> None:
        self.ahead = 0.0

    def wall(self) -> float:
        """Real time, in Unix seconds with fractions."""
        return time.time()

    def now(self) -> int:
        """Stripe's time, in whole Unix seconds: one second is all that Stripe tells."""
        return int(self.exact())

    def exact(self) -> float:
        """Stripe's time with fractions, for what falls due."""
        return time.time() + self.ahead

    def advance(self, seconds: float) -> None:
        """Move Stripe's world forward; what became due meanwhile happens at once."""
        self.ahead += seconds
