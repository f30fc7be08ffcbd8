"""Dispute closed by the bank: a won one releases held devices, a lost one ends the sale."""

from billing_worker.rules.payment_lookup import payment_of, request_payment_lookup
from billing_worker.rules.refund_sync import reverse_if_given_back
from billing_worker.rules.timeline import add_entry
from egpay.domain.books import Books
from egpay.domain.events import DisputeClosed
from egpay.domain.payment import Dispute


def dispute_closed(event: DisputeClosed, books: Books) -> Books:
    """Release the shipment when won; treat the money as given back when lost."""
    payment = payment_of(books, event)
    if payment is None:
        return request_payment_lookup(books, event)
    closed = payment.disputed(event.dispute_id, Dispute.WON if event.won else Dispute.LOST)
    if closed == payment:
        return books
    about, verdict = closed.sale_id or closed.id, "won" if event.won else "lost"
    books = add_entry(
        books.with_payment(closed),
        event,
        f"dispute.{verdict}",
        f"the dispute is {verdict}",
        about=about,
        sale_id=closed.sale_id,
    )
    return reverse_if_given_back(books, closed, event)
