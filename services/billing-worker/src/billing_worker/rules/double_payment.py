"""Double payment: a case while a sale has two payments, until the second is given back."""

from datetime import datetime

from billing_worker.rules.cases import state_case, sync_case
from egpay.domain.books import Books
from egpay.domain.case import Case, CaseKind, case_id
from egpay.domain.events import CheckoutCompleted, EventBase
from egpay.domain.payment import Payment
from egpay.domain.values import SaleId


def report_second_payment(books: Books, sale_id: SaleId, cause: CheckoutCompleted) -> Books:
    """Open the case of a sale that was paid on two pages, unless the second payment went back already."""
    name = cause.invoice_id or cause.payment_intent_id or cause.session_id
    second = books.payment(name)
    stands = second is None or not second.gone_in_full
    return sync_case(books, _case(sale_id, cause.occurred_at), stands=stands, cause=cause)


def sync_second_payment(books: Books, payment: Payment, cause: EventBase) -> Books:
    """Sync the case of a sale that was paid twice with its second payment, which has a row of its own."""
    sale_id = payment.sale_id
    if sale_id is None or payment.id == sale_id:
        return books
    known = books.case(case_id(CaseKind.PAID_TWICE, sale_id))
    if known is None:
        return books
    return sync_case(books, _case(sale_id, known.opened_at), stands=not payment.gone_in_full, cause=cause)


def _case(sale_id: SaleId, opened_at: datetime) -> Case:
    return state_case(
        CaseKind.PAID_TWICE,
        sale_id,
        subject=sale_id,
        what="two Checkout pages of one sale were paid",
        opened_at=opened_at,
        sale_id=sale_id,
    )
