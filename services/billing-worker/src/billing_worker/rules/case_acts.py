"""Case acts: an operator closes or snoozes a case, for the facts that were seen, and with who and why."""

from billing_worker.rules.acts import act_of
from billing_worker.rules.timeline import add_entry
from egpay.domain.acts import ImpossibleAct
from egpay.domain.books import Books
from egpay.domain.case import Case, CaseCloser
from egpay.domain.events import CaseClosed, CaseSnoozed


def close_case(books: Books, event: CaseClosed) -> Books:
    """Close a case: it stays closed for the same facts. Raises ImpossibleAct when it is not open, or stands for more."""
    case, act = _open_case(books, event), act_of(books, event)
    books = books.with_case(case.closed(event.occurred_at, CaseCloser.PERSON, act.why))
    return _line(books, event, "case.closed", case, act.told("closed"))


def snooze_case(books: Books, event: CaseSnoozed) -> Books:
    """Leave a case open without an alarm until then. Raises ImpossibleAct as closing does."""
    case, act = _open_case(books, event), act_of(books, event)
    books = books.with_case(case.snoozed(event.until, act.why))
    told = act.told(f"snoozed until {event.until:%Y-%m-%d %H:%M} UTC")
    return _line(books, event, "case.snoozed", case, told)


def _open_case(books: Books, event: CaseClosed | CaseSnoozed) -> Case:
    case = books.case(event.case_id)
    if case is None:
        raise ImpossibleAct(f"there is no case {event.case_id}")
    if case.closed_at is not None:
        raise ImpossibleAct(
            f"case {case.id} was closed at {case.closed_at:%Y-%m-%d %H:%M}: {case.closed_because}"
        )
    if case.weight > event.weight or not set(case.about) <= set(event.about):
        raise ImpossibleAct(f"case {case.id} stands for more than was seen: look at it again")
    return case


def _line(books: Books, event: CaseClosed | CaseSnoozed, kind: str, case: Case, told: str) -> Books:
    what = f"{case.kind.value}: {told}"
    return add_entry(books, event, kind, what, about=case.subject, sale_id=case.sale_id)
