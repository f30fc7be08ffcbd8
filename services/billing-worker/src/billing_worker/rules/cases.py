"""Case sync: opens a case while its reason stands, closes it when the reason ends, in any order of events."""

from datetime import datetime

import msgspec

from billing_worker.rules.timeline import add_entry
from egpay.domain.books import Books
from egpay.domain.case import Case, CaseCloser, CaseKind, CaseParty, case_id
from egpay.domain.case_advice import ADVICE
from egpay.domain.events import EventBase
from egpay.domain.values import SaleId


def state_case(  # noqa: PLR0913 - the facts of a case are these
    kind: CaseKind,
    name: str,
    *,
    subject: str,
    what: str,
    opened_at: datetime,
    sale_id: SaleId | None = None,
    weight: int = 0,
    about: tuple[str, ...] = (),
    due_by: datetime | None = None,
    waits_for: CaseParty = CaseParty.US,
    todo: str | None = None,
) -> Case:
    """State the facts of the case of a kind for the object `name`, with the kind's advice unless another is given.

    `subject` is what it is loaded by. `opened_at` is the provider's time of the fact where the books have it, because
    the event that completes a reason depends on the order of events.
    """
    return Case(
        id=case_id(kind, name),
        kind=kind,
        subject=subject,
        what=what,
        todo=todo or ADVICE[kind],
        opened_at=opened_at,
        sale_id=sale_id,
        weight=weight,
        about=about,
        due_by=due_by,
        waits_for=waits_for,
    )


def sync_case(books: Books, case: Case, *, stands: bool, cause: EventBase) -> Books:
    """Bring a case in line with its reason, which the caller derives from the books after its change.

    While the reason stands the case is open with these facts, unless a person closed it for the same or larger ones.
    When the reason has ended an open case is closed by the rule. Each change is a timeline entry. The case must be
    loaded with the batch: its `subject` or its sale is in the batch's working set.
    """
    known = books.case(case.id)
    if not stands:
        return _close(books, known, cause) if known and known.is_open else books
    if known is None:
        return _write(books, _begun(case, cause), "case.opened", cause)
    if known.is_open:
        after = known.restated(case)
        return books if after == known else _write(books, after, "case.changed", cause)
    if known.is_settled and not case.exceeds(known):
        return books
    return _write(books, _begun(case, cause), "case.reopened", cause)


def _begun(case: Case, cause: EventBase) -> Case:
    return msgspec.structs.replace(case, cause=cause.id)


def _close(books: Books, known: Case, cause: EventBase) -> Books:
    closed = known.closed(cause.occurred_at, CaseCloser.RULE, "its reason ended")
    return _write(books, closed, "case.closed", cause)


def _write(books: Books, case: Case, kind: str, cause: EventBase) -> Books:
    why = f"its reason ended: {case.what}" if case.closed_by is CaseCloser.RULE else case.what
    what = f"{case.kind.value}: {why}"
    return add_entry(books.with_case(case), cause, kind, what, about=case.subject, sale_id=case.sale_id)
