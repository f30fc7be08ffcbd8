"""Fold: applies the events of a batch one by one to the books; a poison event fails alone."""

import traceback
from collections.abc import Iterable, Mapping

from billing_worker.reactions import react
from egpay.domain.books import Books, FailedEvent, Outcome, Records
from egpay.domain.case import Case
from egpay.domain.commands import Command
from egpay.domain.events import BillingEvent
from egpay.domain.timeline import Entry
from egpay.domain.values import MessageId


def fold(events: Iterable[BillingEvent], loaded: Records, buyer_emails: Mapping[MessageId, str]) -> Outcome:
    """Apply the reactions in the order given, and return the outcome.

    What a failing event wrote is not merged: it is dead-lettered with its reason and stack, and the events after it
    go on from the books as they were before it.
    """
    written = Records()
    commands: list[Command] = []
    entries: list[Entry] = []
    cases: list[Case] = []
    parked: list[FailedEvent] = []
    for event in events:
        try:
            after = react(event, Books(loaded=loaded, buyer_emails=buyer_emails))
        except Exception as fault:  # noqa: BLE001 - whatever a reaction raises is its own event's, and kept with it
            reason = f"{type(fault).__name__}: {fault}"
            parked.append(FailedEvent(event=event, reason=reason, trace=traceback.format_exc()))
            continue
        loaded.merge(after.written)
        written.merge(after.written)
        commands.extend(after.commands)
        entries.extend(after.entries)
        cases.extend(after.cases)
    return Outcome(
        written=written,
        commands=tuple(commands),
        entries=tuple(entries),
        cases=tuple(cases),
        parked=tuple(parked),
    )
