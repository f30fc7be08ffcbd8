"""Refunds: derives one refunded sum from reports and failures that come in any order.

`charge.refunded` reports the sum at its time, and a refund that fails later lowers the charge's sum without a
report. So the newest sum holds, less what has failed since. docs/decisions/0014 says what is left open.
"""

from collections.abc import Mapping
from datetime import datetime

import msgspec


class FailedRefund(msgspec.Struct, frozen=True, kw_only=True):
    """Failed refund: the amount that came back to us; `at` is the earliest reported time."""

    amount: int
    at: datetime


class Refunds(msgspec.Struct, frozen=True, kw_only=True):
    """Refunds of one payment: the newest sum, the failed refunds by provider's id, and the maximum.

    The maximum that was ever refunded stays, because what was stopped for it stays stopped.
    """

    told_at: datetime | None = None
    told: int = 0
    told_in_full: bool = False
    most: int = 0
    ever_in_full: bool = False
    failed: dict[str, FailedRefund] = {}

    @property
    def amount(self) -> int:
        """The refunded sum, as far as it was reported."""
        return max(0, self.told - sum(each.amount for each in self._since().values()))

    @property
    def in_full(self) -> bool:
        """Whether the provider reported a full refund, and none has failed since."""
        return self.told_in_full and not self._since()

    def reported(self, amount: int, *, in_full: bool, at: datetime) -> "Refunds":
        """Add a reported sum; of two in one second the larger is the later, because it is counted up."""
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
        """Add a failed refund; two kinds of events report it, and maybe again long after."""
        known = self.failed.get(name)
        failed = FailedRefund(amount=amount, at=min(at, known.at) if known else at)
        return msgspec.structs.replace(self, failed={**self.failed, name: failed})

    def _since(self) -> Mapping[str, FailedRefund]:
        """Failed refunds that the newest sum does not reflect yet.

        It reflects none of its own second, because a refund is reported before it fails.
        """
        told_at = self.told_at
        return {name: each for name, each in self.failed.items() if told_at is None or each.at >= told_at}
