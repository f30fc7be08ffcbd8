"""Cancelled refund: money of a sale that was cancelled with a refund goes back, whichever of both is heard first."""

from billing_worker.rules.refund_acts import barred_by_dispute, request_refund
from billing_worker.rules.timeline import add_entry
from egpay.domain.acts import ImpossibleAct
from egpay.domain.books import Books
from egpay.domain.cancellation import CancelledMoney
from egpay.domain.events import EventBase
from egpay.domain.refund_requests import RefundTerms
from egpay.domain.values import SaleId


def refund_cancelled_sale(books: Books, sale_id: SaleId, cause: EventBase) -> Books:
    """Give back what was paid for it, under the key of its cancellation; where that cannot be, a line says why.

    Then the money is a case, as money without a decision is.
    """
    try:
        return request_cancelled_refund(books, sale_id, cause)
    except ImpossibleAct as impossible:
        what = f"the sale was cancelled with a refund, and {impossible}"
        return add_entry(books, cause, "refund.impossible", what, about=sale_id)


def request_cancelled_refund(books: Books, sale_id: SaleId, cause: EventBase) -> Books:
    """The same, and raises ImpossibleAct where that cannot be."""
    sale, payment = books.sale(sale_id), books.payment(sale_id)
    cancelled = sale.cancellation if sale else None
    if cancelled is None or cancelled.money is not CancelledMoney.REFUND or cancelled.act is None:
        return books
    if payment is None or payment.paid_at is None or not payment.amount:
        return books
    gone = payment.gone_in_full and payment.answer_to(cancelled.act) is None
    if gone or cancelled.act in payment.refund_requests:
        return books
    if (barred := barred_by_dispute(payment)) is not None:
        raise ImpossibleAct(barred)
    return request_refund(books, payment, RefundTerms(), cancelled.act, cause, at=cancelled.at)
