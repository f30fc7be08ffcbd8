"""What the provider says about money that goes back, some of which comes to nothing: in any order, one sum.

`charge.refunded` tells the sum as it stood when it happened, and a refund that fails later lowers the charge's sum
without telling it. So the newest sum holds, less what has failed since. docs/decisions/0014 tells what is left open.
"""

from collections.abc import Mapping
from datetime import datetime

import msgspec


class FailedRefund(msgspec.Struct, frozen=True, kw_only=True):
    """So much came back to us; `at` is the earliest time that was told."""

    amount: int
    at: datetime


class Refunds(msgspec.Struct, frozen=True, kw_only=True):
    """The newest sum told, the refunds that failed by the provider's names for them, and the most that had ever gone
    back: what was stopped for that stays so."""

    told_at: datetime | None = None
    told: int = 0
    told_in_full: bool = False
    most: int = 0
    ever_in_full: bool = False
    failed: dict[str, FailedRefund] = {}

    @property
    def amount(self) -> int:
        """What the buyer has back, as far as we were told."""
        return max(0, self.told - sum(each.amount for each in self._since().values()))

    @property
    def in_full(self) -> bool:
        """The provider says that it was all of it, and nothing has failed since."""
        return self.told_in_full and not self._since()

    def reported(self, amount: int, *, in_full: bool, at: datetime) -> "Refunds":
        """The sum stood at so much. Of two in one second the larger is the later: it is counted up."""
        known = (self.told_at or at, self.told, self.told_in_full)
        told_at, told, told_in_full = max(known, (at, amount, in_full))
        return msgspec.structs.replace(
            self,
            told_at=told_at,
            told=told,
            told_in_full=told_in_full,
            most=max(amount, self.most),
            ever_in_full=in_full or self.ever_in_full,
        )

    def failing(self, name: str, amount: int, *, at: datetime) -> "Refunds":
        """One refund came to nothing; told by two kinds of events, and maybe again long after."""
        known = self.failed.get(name)
        failed = FailedRefund(amount=amount, at=min(at, known.at) if known else at)
        return msgspec.structs.replace(self, failed={**self.failed, name: failed})

    def _since(self) -> Mapping[str, FailedRefund]:
        """Those that the newest sum does not know of yet. In the same second it does not: a refund is told first, and
        fails then."""
        told_at = self.told_at
        return {name: each for name, each in self.failed.items() if told_at is None or each.at >= told_at}
