"""Refunds: derives what was given back from refunds by id and from totals, in whatever order they come.

A refund counts from its creation, and no more once it failed or was cancelled. `charge.refunded` has only the total
of its moment: a lower bound, which also covers refunds that were never reported by id. docs/decisions/0014 and 0024.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum

import msgspec

from egpay.domain.values import MessageId

Convert = Callable[[int, str | None], int | None]
"""Brings an amount of a currency to the payment's own; None where that cannot be done."""


class RefundStatus(StrEnum):
    """Status of a refund (docs.stripe.com/api/refunds/object#refund_object-status)."""

    PENDING = "pending"
    REQUIRES_ACTION = "requires_action"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


CAME_BACK = frozenset({RefundStatus.FAILED, RefundStatus.CANCELED})
"""The money is ours again; both are final."""


class RefundRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Refund by the provider's id; `came_back_at` is the earliest report that it failed or was cancelled.

    `act` is the key of the operator's act that asked for it.
    """

    amount: int
    status: RefundStatus
    reported_at: datetime
    currency: str | None = None
    created_at: datetime | None = None
    came_back_at: datetime | None = None
    failure_reason: str | None = None
    act: MessageId | None = None

    @property
    def counts(self) -> bool:
        """Whether the money is on its way to the buyer, or there."""
        return self.status not in CAME_BACK

    def came_back(self, at: datetime) -> "RefundRecord":
        """The same, reported as failed or cancelled at that time."""
        return msgspec.structs.replace(self, came_back_at=at)

    def counted_at(self, at: datetime) -> bool:
        """Whether a total of that second has it: a refund is made before it fails, within one second too."""
        made = self.created_at is None or self.created_at <= at
        return made and (self.came_back_at is None or self.came_back_at >= at)

    def merged(self, other: "RefundRecord") -> "RefundRecord":
        """Both reports as one, the same whichever came first: what came back stays so, else the newest holds."""
        newest = max(self, other, key=lambda one: (not one.counts, one.reported_at, one.status))
        return msgspec.structs.replace(
            newest,
            amount=max(self.amount, other.amount),
            created_at=_earliest(self.created_at, other.created_at),
            came_back_at=_earliest(self.came_back_at, other.came_back_at),
            failure_reason=max(self.failure_reason or "", other.failure_reason or "") or None,
            act=self.act or other.act,
        )


class Refunds(msgspec.Struct, frozen=True, kw_only=True):
    """Refunds of one payment: each by its id, the newest total of its charge, and the largest ever.

    `told` is in `told_currency`, and of a charge of `charge_amount`. The largest total stays, because what was
    stopped for it stays stopped.
    """

    told_at: datetime | None = None
    told: int = 0
    told_in_full: bool = False
    told_currency: str | None = None
    charge_amount: int | None = None
    most: int = 0
    ever_in_full: bool = False
    known: dict[str, RefundRecord] = {}

    @property
    def in_full(self) -> bool:
        """Whether the provider called the charge refunded, and no refund of it has come back since."""
        told_at = self.told_at
        since = [
            one for one in self.known.values() if one.came_back_at and told_at and one.came_back_at >= told_at
        ]
        return self.told_in_full and not since

    def failed(self) -> Mapping[str, RefundRecord]:
        """The refunds that came back, by id."""
        return {name: one for name, one in self.known.items() if not one.counts}

    def reported(
        self, amount: int, *, in_full: bool, at: datetime, currency: str | None = None, of: int | None = None
    ) -> "Refunds":
        """Add a total; of two in one second the larger is the later, because it is counted up."""
        known = (
            self.told_at or at,
            self.told,
            self.told_in_full,
            self.told_currency or "",
            self.charge_amount or 0,
        )
        told_at, told, told_in_full, told_currency, charge = max(
            known, (at, amount, in_full, currency or "", of or 0)
        )
        return msgspec.structs.replace(
            self,
            told_at=told_at,
            told=told,
            told_in_full=told_in_full,
            told_currency=told_currency or None,
            charge_amount=charge or None,
            most=max(amount, self.most),
            ever_in_full=in_full or self.ever_in_full,
        )

    def with_refund(self, name: str, record: RefundRecord) -> "Refunds":
        """Add a report of one refund; several kinds of events report it, and maybe again long after."""
        known = self.known.get(name)
        return msgspec.structs.replace(
            self, known={**self.known, name: known.merged(record) if known else record}
        )

    def given_back(self, convert: Convert) -> int:
        """The sum that is given back now: what counts by id, and what the newest total has beyond that."""
        told_at = self.told_at
        if told_at is None:
            return self.counting(convert)
        covered = self.counted(convert, told_at)
        unseen = max(0, (convert(self.told, self.told_currency) or 0) - covered)
        return self.counting(convert) + unseen

    def counting(self, convert: Convert) -> int:
        """The sum of the refunds that count, by id."""
        return self._sum(convert, lambda one: one.counts)

    def most_given_back(self, convert: Convert, *, amount: int) -> int:
        """The largest sum that was ever given back at one time.

        A sum beyond the payment's amount cannot be: one of the refunds has failed, and that was not reported yet.
        """
        sums = [self.counted(convert, at) for at in self.moments()]
        possible = [each for each in sums if each <= amount]
        return max([convert(self.most, self.told_currency) or 0, *possible])

    def is_clear(self, convert: Convert) -> bool:
        """Whether every amount can be brought to the payment's currency."""
        amounts = [(one.amount, one.currency) for one in self.known.values() if one.counts]
        amounts += [(self.told, self.told_currency)] if self.told else []
        return all(convert(amount, currency) is not None for amount, currency in amounts)

    def moments(self) -> Iterator[datetime]:
        """The times at which a refund was made."""
        return (one.created_at or one.reported_at for one in self.known.values())

    def counted(self, convert: Convert, at: datetime) -> int:
        """The sum of the refunds that counted at that time."""
        return self._sum(convert, lambda one: one.counted_at(at))

    def _sum(self, convert: Convert, holds: Callable[[RefundRecord], bool]) -> int:
        return sum(convert(one.amount, one.currency) or 0 for one in self.known.values() if holds(one))


def _earliest(one: datetime | None, other: datetime | None) -> datetime | None:
    return min(each for each in (one, other) if each) if one or other else None
