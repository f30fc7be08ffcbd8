"""Failed refunds: a case for each one, until the buyer has the money or nothing is owed any more."""

from billing_worker.rules.cases import state_case, sync_case
from egpay.domain.books import Books
from egpay.domain.case import CaseKind
from egpay.domain.events import EventBase
from egpay.domain.payment import Payment


def sync_failed_refunds(books: Books, payment: Payment, cause: EventBase) -> Books:
    """Sync the cases of a payment's failed refunds: each stands until all of the money is given back or lost."""
    for name, failed in payment.refunds.failed.items():
        case = state_case(
            CaseKind.REFUND_FAILED,
            name,
            subject=payment.sale_id or payment.id,
            what=f"refund {name} failed: the buyer has neither the money nor what was stopped for it",
            opened_at=failed.at,
            sale_id=payment.sale_id,
            about=(name,),
        )
        books = sync_case(books, case, stands=not payment.given_back, cause=cause)
    return books
