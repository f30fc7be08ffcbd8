"""Refund sync: brings a sale and its shipment in line when its money goes back."""

from billing_worker.rules.cases import state_case, sync_case
from billing_worker.rules.double_payment import sync_second_payment
from billing_worker.rules.failed_refunds import sync_failed_refunds
from billing_worker.rules.shipment_sync import ship_if_due
from billing_worker.rules.timeline import add_entry
from egpay.domain.books import Books
from egpay.domain.case import CaseKind
from egpay.domain.events import EventBase
from egpay.domain.payment import Payment
from egpay.domain.values import SaleId


def reverse_if_given_back(books: Books, payment: Payment, cause: EventBase) -> Books:
    """Mark a sale refunded while its own payment is given back in full, and sync its shipment.

    When a refund fails, the mark is taken off again; what was stopped for it stays stopped. A renewal that goes back
    leaves the sale as it is: what it paid for was delivered.
    """
    books = sync_second_payment(sync_failed_refunds(books, payment, cause), payment, cause)
    sale = books.sale(SaleId(payment.id))
    if sale is None:
        return books
    refunded = payment.given_back
    if refunded is not sale.refunded:
        sale = sale.refunded_in_full(back=refunded)
        books = add_entry(
            books.with_sale(sale),
            cause,
            f"sale.{sale.status.value}",
            "the money went back" if refunded else "the money did not go back after all",
            about=sale.id,
            sale_id=sale.id,
        )
    return ask_back_if_gone(ship_if_due(books, sale.id, cause), payment, cause)


def ask_back_if_gone(books: Books, payment: Payment, cause: EventBase) -> Books:
    """Sync the return case: the money is back at the buyer, and the devices had left."""
    shipment = books.shipment(SaleId(payment.id))
    if shipment is None or not shipment.dispatched:
        return books
    case = state_case(
        CaseKind.RETURN,
        payment.id,
        subject=payment.id,
        what="the money went back after the devices had left",
        opened_at=cause.occurred_at,
        sale_id=SaleId(payment.id),
    )
    return sync_case(books, case, stands=payment.given_back, cause=cause)
