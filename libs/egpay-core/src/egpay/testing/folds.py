"""Stub folds for storage tests: the test states the outcome of a batch, without reactions."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import assert_never

import msgspec

from egpay.domain.access import Access
from egpay.domain.account import Account
from egpay.domain.books import Records
from egpay.domain.case import Case
from egpay.domain.events import BillingEvent
from egpay.domain.outcome import Fold, Outcome
from egpay.domain.payment import Payment
from egpay.domain.sale import Sale
from egpay.domain.shipment import Shipment
from egpay.domain.subscription import Subscription
from egpay.domain.values import MessageId

Record = Sale | Subscription | Account | Payment | Shipment | Case | Access


def writing(*records: Record) -> Fold:
    """A fold that writes these records, whatever the events."""
    return leading_to(Outcome(written=pages(*records)))


def leading_to(outcome: Outcome) -> Fold:
    """A fold with this outcome, whatever the events."""

    def fold(
        events: Iterable[BillingEvent],  # noqa: ARG001
        loaded: Records,  # noqa: ARG001
        buyer_emails: Mapping[MessageId, str],  # noqa: ARG001
    ) -> Outcome:
        return outcome

    return fold


@dataclass(slots=True)
class Watching:
    """A fold that writes nothing and records its arguments, without the installation, which each database draws."""

    events: list[BillingEvent] = field(default_factory=list)
    loaded: Records = field(default_factory=Records)
    buyer_emails: Mapping[MessageId, str] = field(default_factory=dict)

    def __call__(
        self, events: Iterable[BillingEvent], loaded: Records, buyer_emails: Mapping[MessageId, str]
    ) -> Outcome:
        """Record the arguments, and write nothing."""
        self.events += events
        self.loaded, self.buyer_emails = msgspec.structs.replace(loaded, installations={}), buyer_emails
        return Outcome(written=Records())


def changing(change: Callable[[BillingEvent, Records], Iterable[Record]]) -> Fold:
    """A fold in which each event writes what `change` makes of the records at that point."""

    def fold(
        events: Iterable[BillingEvent],
        loaded: Records,
        buyer_emails: Mapping[MessageId, str],  # noqa: ARG001
    ) -> Outcome:
        written = Records()
        for event in events:
            now = pages(*change(event, loaded))
            loaded.merge(now)
            written.merge(now)
        return Outcome(written=written)

    return fold


def pages(*records: Record) -> Records:  # noqa: C901 - one line for each table
    """Sort records into the tables of `Records`, by their keys."""
    sorted_in = Records()
    for record in records:
        match record:
            case Sale():
                sorted_in.sales[record.id] = record
            case Subscription():
                sorted_in.subscriptions[record.id] = record
            case Account():
                sorted_in.accounts[record.organisation.id] = record
            case Payment():
                sorted_in.payments[record.id] = record
            case Shipment():
                sorted_in.shipments[record.sale_id] = record
            case Case():
                sorted_in.cases[record.id] = record
            case Access():
                sorted_in.accesses[record.organisation_id] = record
            case _:
                assert_never(record)
    return sorted_in
