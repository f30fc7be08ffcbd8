"""Withdrawal sync: the case of an order that its buyer took back, until the money is given back."""

import msgspec

from billing_worker.rules.cases import state_case, sync_case
from egpay.domain.books import Books
from egpay.domain.case import Case, CaseKind, case_id
from egpay.domain.events import EventBase, WithdrawalDeclared
from egpay.domain.sale import Sale


def open_withdrawal(books: Books, sale: Sale, event: WithdrawalDeclared) -> Books:
    """Add a declaration to the case of the sale; a further one, as of another part, opens a closed case again."""
    known = books.case(case_id(CaseKind.WITHDRAWAL, sale.id))
    about = tuple(sorted({*(known.about if known else ()), event.withdrawal_id}))
    many = f" ({len(about)} declarations)" if len(about) > 1 else ""
    case = state_case(
        CaseKind.WITHDRAWAL,
        sale.id,
        subject=sale.id,
        what=f"the buyer withdraws from the order{many}",
        opened_at=event.occurred_at,
        sale_id=sale.id,
        weight=len(about),
        about=about,
    )
    return _synced(sync_case(books, case, stands=True, cause=event), case, sale, event)


def sync_withdrawal(books: Books, sale: Sale, cause: EventBase) -> Books:
    """Close the case of a sale whose money was given back, and open it again when that did not reach the buyer."""
    known = books.case(case_id(CaseKind.WITHDRAWAL, sale.id))
    return books if known is None else _synced(books, _restated(known), sale, cause)


def _restated(known: Case) -> Case:
    """The facts of a known case, without how it ended."""
    return msgspec.structs.replace(known, closed_at=None, closed_by=None, closed_because=None)


def _synced(books: Books, case: Case, sale: Sale, cause: EventBase) -> Books:
    return sync_case(books, case, stands=not sale.refunded, cause=cause)
