"""The books behind the event path: loaded for a whole batch, folded, and saved in one transaction."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from egpay.domain.books import Fold
from egpay.domain.events import BillingEvent
from egpay.domain.values import MessageId


class BatchResult(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a batch: worked on now, seen before, or set aside with a reason in the dead letters."""

    done: int = 0
    seen: int = 0
    parked: tuple[MessageId, ...] = ()


class BookKeeping(Protocol):
    """Raises Outage when the database does not answer; then nothing of the batch has happened."""

    async def apply(self, events: Sequence[BillingEvent], fold: Fold) -> BatchResult:
        """Work on events none of which was seen before: claim their ids, lock and load what they touch, fold, save.

        All of it is one commit: records, commands (into the outbox), timeline and parked events.
        """
        ...
