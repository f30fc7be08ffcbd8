"""Outcome of a batch: what the fold of its events over the books leads to, saved whole or not at all."""

from collections.abc import Iterable, Mapping
from typing import Protocol

import msgspec

from egpay.domain.books import Records
from egpay.domain.commands import Command
from egpay.domain.events import BillingEvent
from egpay.domain.public_events import PublicEvent
from egpay.domain.timeline import Entry
from egpay.domain.values import MessageId


class FailedEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Failed event: our rules could not handle it; `trace` is the stack for the developer who fixes it."""

    event: BillingEvent
    reason: str
    trace: str


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """Outcome of a batch; saved whole or not at all."""

    written: Records
    commands: tuple[Command, ...] = ()
    entries: tuple[Entry, ...] = ()
    public_events: tuple[PublicEvent, ...] = ()
    parked: tuple[FailedEvent, ...] = ()
    readmitted: tuple[MessageId, ...] = ()
    """Foreign events that turned out to be ours: no longer set aside."""


class Fold(Protocol):
    """Fold: applies the events of a batch one after another over the books; pure, without I/O or clock."""

    def __call__(
        self, events: Iterable[BillingEvent], loaded: Records, buyer_emails: Mapping[MessageId, str]
    ) -> Outcome:
        """Fold the events over the loaded records."""
        ...
