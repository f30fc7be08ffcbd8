"""Act lines: what the timeline says of an operator's act: done, done against the facts, or not done, and by whom."""

from billing_worker.rules.timeline import add_entry
from egpay.domain.acts import ASKED, DOUBTED, REFUSED, ActRecord, key_of
from egpay.domain.books import Books
from egpay.domain.errors import Defect
from egpay.domain.events import OperatorAct


def act_of(books: Books, event: OperatorAct) -> ActRecord:
    """Return who did an act and why; a missing row is a Defect, because it is of the same commit as its event."""
    record = books.loaded.acts.get(key_of(event))
    if record is None:
        raise Defect(f"there is no act {key_of(event)}")
    return record


def record_act(books: Books, event: OperatorAct, kind: str, what: str) -> Books:
    """Add the entry of an act that was done, with who and why."""
    return add_entry(books, event, kind, act_of(books, event).told(what), about=event.subject)


def refuse_act(books: Books, event: OperatorAct, reason: str) -> Books:
    """Add the entry of an act of which nothing comes; a rehearsal ends with this reason."""
    return _object(books, event, REFUSED, reason)


def doubt_act(books: Books, event: OperatorAct, reason: str) -> Books:
    """Add the entry of an act that was done too late to mean what it says; a rehearsal ends with this reason."""
    return _object(books, event, DOUBTED, reason)


def _object(books: Books, event: OperatorAct, kind: str, reason: str) -> Books:
    record = act_of(books, event)
    what = f"{reason}{ASKED}{record.who}: {record.why}"
    return add_entry(books, event, kind, what, about=event.subject)
