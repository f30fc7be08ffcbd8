"""When the money of a sale is gone again, the sale and its devices follow."""

from billing_worker.consequences.entries import noting
from billing_worker.consequences.shipping import ship_if_due
from egpay.domain.books import Books
from egpay.domain.case import Case, CaseKind
from egpay.domain.events import Fact
from egpay.domain.payment import Payment
from egpay.domain.values import SaleId


def reverse_if_given_back(books: Books, payment: Payment, because: Fact) -> Books:
    """Mark a sale refunded when its own payment was given back whole, and bring its shipment in line.

    A renewal that goes back leaves the sale as it is: what it paid for was delivered.
    """
    sale = books.sale(SaleId(payment.id))
    if sale is None:
        return books
    if payment.given_back and not sale.refunded:
        sale = sale.refunded_in_full()
        books = noting(
            books.with_sale(sale),
            because,
            f"sale.{sale.status.value}",
            "the money went back",
            about=sale.id,
            sale_id=sale.id,
        )
    return ask_back_if_gone(ship_if_due(books, sale.id, because), payment, because)


def ask_back_if_gone(books: Books, payment: Payment, because: Fact) -> Books:
    """The money went back and the devices are out: somebody has to ask for them."""
    shipment = books.shipment(SaleId(payment.id))
    if not payment.given_back or shipment is None or not shipment.dispatched:
        return books
    return books.opening(
        Case(
            id=f"{CaseKind.RETURN.value}:{payment.id}",
            kind=CaseKind.RETURN,
            subject=payment.id,
            what="the money went back after the devices had left",
            opened_at=because.occurred_at,
            cause=because.id,
            sale_id=SaleId(payment.id),
        )
    )
