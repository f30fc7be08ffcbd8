"""Books: loads the records of a whole batch of events, folds it, and saves them in one transaction."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from egpay.domain.events import BillingEvent
from egpay.domain.outcome import Fold, Outcome
from egpay.domain.values import MessageId


class BatchResult(msgspec.Struct, frozen=True, kw_only=True):
    """Result of a batch: events handled now, seen before, or dead-lettered with a reason.

    `forged` are the positions in the batch of messages that we never stored: nothing is claimed for them.
    """

    done: int = 0
    seen: int = 0
    parked: tuple[MessageId, ...] = ()
    forged: tuple[int, ...] = ()
    foreign: tuple[str, ...] = ()
    """Types of the events that were set aside as foreign, one for each."""


def types_of(outcome: Outcome) -> tuple[str, ...]:
    """The types of the events that an outcome sets aside as foreign."""
    return tuple(str(type(one.event).__struct_config__.tag) for one in outcome.written.foreign.values())


class BookKeeping(Protocol):
    """Books: applies a batch of events to the records.

    Raises Outage when the database does not answer; then nothing of the batch has happened.
    """

    async def apply(
        self, events: Sequence[BillingEvent], fold: Fold, *, payloads: Sequence[bytes] | None
    ) -> BatchResult:
        """Handle each event once: claim its id, lock and load the records it touches, fold, save.

        `payloads` are the messages as received, one for each event: what the outbox does not hold under this id
        with this payload is forged, and changes nothing. None is for events that came over no broker.

        Events seen before are left out. All of it is one commit: records, commands (into the outbox),
        timeline and parked events.
        """
        ...
