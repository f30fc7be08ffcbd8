"""A delayed payment came back without money: nothing is shipped, and the buyer may try again."""

from billing_worker.consequences.entries import noting
from billing_worker.consequences.lookup import sale_of
from egpay.domain.books import Books
from egpay.domain.events import CheckoutPaymentFailed
from egpay.domain.sale import SessionProgress


def checkout_payment_failed(event: CheckoutPaymentFailed, books: Books) -> Books:
    """Mark the payment failed, unless the sale was paid in another way by now."""
    before = sale_of(books, event)
    sale = before.session_reached(event.session_id, SessionProgress.FAILED)
    if sale == before:
        return books
    return noting(books.with_sale(sale), event, "payment.failed", "the delayed payment failed", about=sale.id)
