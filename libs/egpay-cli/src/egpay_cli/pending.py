"""Pending rows: work that is not done, with its tries, last reason and next try; and the open cases beside it."""

from collections.abc import Sequence

from egpay.adapters.postgres.operator.pending_work import PendingWork
from egpay.adapters.postgres.operator.related_records import OpenCase
from egpay_cli.output import Cell, Row, Tone

COLUMNS = ("what", "state", "tries", "next try", "last reason", "id")
CASE_COLUMNS = ("id", "since", "due", "what", "to do")


def pending_rows(pending: Sequence[PendingWork]) -> list[Row]:
    """One row for each; what a person must act on is told as wrong, what is tried again as a note."""
    return [
        (one.what, Cell(one.state, _tone(one)), one.tries or None, one.next_at, one.reason, one.id)
        for one in pending
    ]


def _tone(one: PendingWork) -> Tone:
    return "wrong" if one.state.startswith("dead letter") else "note"


def case_rows(cases: Sequence[OpenCase]) -> list[Row]:
    """One row for each open case."""
    return [(Cell(one.id, "wrong"), one.opened_at, one.due_by, one.what, one.todo) for one in cases]
