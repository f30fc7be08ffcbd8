"""Dry run: computes what a replay would change, then rolls it back."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from egpay.domain.acts import ASKED, DOUBTED, REFUSED
from egpay.domain.books import Records
from egpay.domain.commands import Command
from egpay.domain.events import BillingEvent
from egpay.domain.outcome import Fold, Outcome
from egpay.domain.timeline import Entry
from egpay.domain.values import Address, MessageId
from egpay.ports.books import BookKeeping

_PERSONAL = frozenset({"name", "email", "email_key", "billing_email", *Address.__struct_fields__})


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """Change of one field of one record, personal data masked; `before` is None for a new record."""

    record: str
    field: str
    before: Any
    after: Any


class DryRunResult(msgspec.Struct, frozen=True, kw_only=True):
    """Result of a dry run: changes, commands, entries and cases that a replay would write.

    `parked` or `ignored` is the reason for which the event would be parked or ignored instead; `refused` is why nothing,
    or not what is meant, would come of an operator's act.
    """

    changes: tuple[Change, ...] = ()
    commands: tuple[Command, ...] = ()
    entries: tuple[Entry, ...] = ()
    cases: tuple[str, ...] = ()
    parked: str | None = None
    ignored: str | None = None
    refused: str | None = None


async def dry_run(
    event: BillingEvent, books: BookKeeping, fold: Fold, *, buyer_email: str | None = None
) -> DryRunResult:
    """Load the records the event touches, under their locks, fold the event, and roll all of it back.

    `buyer_email` stands for what the buyer typed at Checkout. Raises Outage as the books do.
    """

    def watched(
        events: Iterable[BillingEvent], loaded: Records, buyer_emails: Mapping[MessageId, str]
    ) -> Outcome:
        before = Records(**{name: dict(getattr(loaded, name)) for name in Records.__struct_fields__})
        typed = {event.id: buyer_email} if buyer_email else {}
        raise _Rollback(_told(before, fold(events, loaded, {**buyer_emails, **typed})))

    try:
        await books.apply([event], watched, payloads=None)
    except _Rollback as curtain:
        return curtain.rehearsed
    return DryRunResult()


class _Rollback(Exception):
    """Leaves the transaction, so that it is rolled back."""

    def __init__(self, rehearsed: DryRunResult) -> None:
        super().__init__()
        self.rehearsed = rehearsed


def _told(before: Records, outcome: Outcome) -> DryRunResult:
    return DryRunResult(
        changes=tuple(_changes(before, outcome.written)),
        commands=outcome.commands,
        entries=outcome.entries,
        cases=tuple(outcome.written.cases),
        parked=next((parked.reason for parked in outcome.parked), None),
        ignored=next((foreign.reason for foreign in outcome.written.foreign.values()), None),
        refused=next(map(_objection, filter(_objects, outcome.entries)), None),
    )


def _objects(entry: Entry) -> bool:
    return entry.kind in (REFUSED, DOUBTED)


def _objection(entry: Entry) -> str:
    return entry.what.partition(ASKED)[0]


def _changes(before: Records, written: Records) -> Iterator[Change]:
    for page in Records.__struct_fields__:
        if page == "foreign":
            continue
        known = getattr(before, page)
        for key, after in getattr(written, page).items():
            old = _flat(known[key]) if key in known else {}
            new = _flat(after)
            subject = "" if page == "accounts" else f" {key}"
            for field, value in new.items():
                if value != old.get(field):
                    masked = field.rpartition(".")[2] in _PERSONAL
                    yield Change(
                        record=page[:-1] + subject,
                        field=field,
                        before=_shown(old.get(field), masked=masked),
                        after=_shown(value, masked=masked),
                    )


def _flat(record: msgspec.Struct, prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in msgspec.structs.asdict(record).items():
        if isinstance(value, msgspec.Struct):
            flat |= _flat(value, f"{prefix}{name}.")
        else:
            flat[f"{prefix}{name}"] = value
    return flat


def _shown(value: Any, *, masked: bool) -> Any:
    return "***" if masked and value is not None else msgspec.to_builtins(value)
