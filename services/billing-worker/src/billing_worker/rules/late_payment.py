"""Late payment: money for a sale that was over is booked, nothing ships or opens, and a person is asked."""

from datetime import datetime

from billing_worker.rules.cases import state_case, sync_case
from egpay.domain.books import Books
from egpay.domain.cancellation import CancelledMoney
from egpay.domain.case import CaseKind, case_id
from egpay.domain.events import EventBase
from egpay.domain.payment import Payment
from egpay.domain.sale import Sale
from egpay.domain.values import SaleId, SessionId


def is_late(sale: Sale, at: datetime, session: SessionId | None = None) -> bool:
    """Whether money comes for a sale that was cancelled, or whose page failed or expired before, with none settled.

    Money on another page than the one that ended is not late: it is the next attempt, which we may hear of first.
    """
    if sale.paid:
        return False
    if sale.cancelled and (sale.cancellation is None or sale.cancellation.at <= at):
        return True
    this_page = session in (None, sale.checkout_session_id)
    ended = sale.session_ended_at
    return this_page and ended is not None and ended < at


def report_late_payment(books: Books, sale_id: SaleId, cause: EventBase) -> Books:
    """Open the case of money that came after the end, until all of it is gone."""
    payment = books.payment(sale_id)
    return books if payment is None else _sync(books, payment, cause)


def sync_late_payment(books: Books, payment: Payment, cause: EventBase) -> Books:
    """Sync the case of a payment that came after the end, if it did."""
    known = books.case(case_id(CaseKind.PAID_AFTER_END, payment.id))
    return books if known is None else _sync(books, payment, cause)


def sync_cancelled_money(books: Books, sale_id: SaleId, cause: EventBase) -> Books:
    """Sync the case of a sale that an operator cancelled without a word about its money, whenever it was paid."""
    sale, payment = books.sale(sale_id), books.payment(sale_id)
    if sale is None or sale.cancellation is None or payment is None or not payment.amount:
        return books
    return _sync(books, payment, cause)


def _sync(books: Books, payment: Payment, cause: EventBase) -> Books:
    case = state_case(
        CaseKind.PAID_AFTER_END,
        payment.id,
        subject=payment.id,
        what="money came for a sale that was cancelled, failed or expired",
        opened_at=payment.paid_at or cause.occurred_at,
        sale_id=payment.sale_id,
        weight=payment.amount,
    )
    return sync_case(books, case, stands=_stands(books.sale(payment.sale_id), payment), cause=cause)


def _stands(sale: Sale | None, payment: Payment) -> bool:
    """Whether a person has to decide about the money: all of it is here, and no decision covers it."""
    decided = sale.cancellation if sale else None
    if payment.gone_in_full or decided is None or decided.money is None:
        return not payment.gone_in_full
    if decided.money is CancelledMoney.REFUND:
        return payment.paid_at is not None and decided.act not in payment.refund_requests
    return payment.paid_at is not None and decided.at <= payment.paid_at
