"""Clock that tests move forward, so that a 24-hour Checkout session expires within a second."""

import time


class Clock:
    """Two times: Stripe's can be moved forward, the wall clock's cannot.

    Signatures and retries follow `wall`, or a receiver would refuse them as too new.
    Both are Unix seconds.
    """

    def __init__(self) -> None:
        self.ahead = 0.0

    def wall(self) -> float:
        """Returns real time, in Unix seconds with fractions."""
        return time.time()

    def now(self) -> int:
        """Returns Stripe's time, in whole Unix seconds because Stripe reports no fractions."""
        return int(self.exact())

    def exact(self) -> float:
        """Returns Stripe's time with fractions, as due times need it."""
        return time.time() + self.ahead

    def advance(self, seconds: float) -> None:
        """Moves Stripe's time forward; what became due meanwhile happens at once."""
        self.ahead += seconds
