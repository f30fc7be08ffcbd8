"""Fold: applies the events of a batch one by one to the books; a poison event fails alone."""

import traceback
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from billing_worker.reactions import react
from billing_worker.rules.access_sync import sync_changed_access
from billing_worker.rules.public_state import publish_public_changes
from egpay.domain.books import Books, Records
from egpay.domain.commands import Command
from egpay.domain.events import BillingEvent
from egpay.domain.foreign import ForeignEvent, customer_of, objects_of
from egpay.domain.outcome import FailedEvent, Outcome
from egpay.domain.ownership import foreign_because, without_unknown_sale
from egpay.domain.public_events import PublicEvent, object_of
from egpay.domain.timeline import Entry
from egpay.domain.values import MessageId
from egpay.domain.working_set import resolve_sales


def fold(events: Iterable[BillingEvent], loaded: Records, buyer_emails: Mapping[MessageId, str]) -> Outcome:
    """Apply the reactions in the order given, and return the outcome.

    What a failing event wrote is not merged: it is dead-lettered with its reason and stack, and the events after it
    go on from the books as they were before it. What is foreign is set aside; when an object that it names turns out
    to be ours, it follows at once.
    """
    folding, waiting = _Folding(loaded), deque(events)
    while waiting:
        event = waiting.popleft()
        books = Books(loaded=loaded, buyer_emails=buyer_emails)
        if (reason := foreign_because(event, books)) is not None:
            folding.set_aside(event, reason)
            continue
        try:
            after = sync_changed_access(react(without_unknown_sale(event, books), books), event)
            after = publish_public_changes(after, event)
        except Exception as fault:  # noqa: BLE001 - whatever a reaction raises is its own event's, and kept with it
            folding.fail(event, fault)
            continue
        folding.merge(after)
        if loaded.foreign:
            waiting.extendleft(reversed(folding.readmit(event)))
    return folding.outcome()


@dataclass(slots=True)
class _Folding:
    """What the events of a batch have led to so far."""

    loaded: Records
    written: Records = field(default_factory=Records)
    commands: list[Command] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    public_events: dict[tuple[type[PublicEvent], str], PublicEvent] = field(default_factory=dict)
    """Of each kind and object the newest alone, because each tells the whole state."""
    parked: list[FailedEvent] = field(default_factory=list)
    readmitted: list[MessageId] = field(default_factory=list)

    def merge(self, after: Books) -> None:
        self.loaded.merge(after.written)
        self.written.merge(after.written)
        self.commands.extend(after.commands)
        self.entries.extend(after.entries)
        for news in after.public_events:
            self.public_events[type(news), object_of(news)] = news

    def fail(self, event: BillingEvent, fault: Exception) -> None:
        reason = f"{type(fault).__name__}: {fault}"
        self.parked.append(FailedEvent(event=event, reason=reason, trace=traceback.format_exc()))

    def set_aside(self, event: BillingEvent, reason: str) -> None:
        foreign = ForeignEvent(id=event.id, about=objects_of(event), reason=reason, event=event)
        self.written.foreign[event.id] = foreign
        if foreign.about:
            self.loaded.foreign[event.id] = foreign

    def readmit(self, event: BillingEvent) -> list[BillingEvent]:
        """Take back from what is set aside all that shares an object with an event of ours and is ours by now."""
        named, books = {*objects_of(event), customer_of(event)}, Books(loaded=self.loaded)
        again = [
            each
            for each in self.loaded.foreign.values()
            if not named.isdisjoint(each.about) and foreign_because(each.event, books) is None
        ]
        for each in again:
            del self.loaded.foreign[each.id]
            if self.written.foreign.pop(each.id, None) is None:
                self.readmitted.append(each.id)
        return resolve_sales([each.event for each in again if each.id != event.id], self.loaded)

    def outcome(self) -> Outcome:
        return Outcome(
            written=self.written,
            commands=tuple(self.commands),
            entries=tuple(self.entries),
            public_events=tuple(self.public_events.values()),
            parked=tuple(self.parked),
            readmitted=tuple(self.readmitted),
        )
