"""Dispute opened by the buyer's bank: holds devices that have not left until its verdict."""

from billing_worker.rules.payment_lookup import payment_of, request_payment_lookup
from billing_worker.rules.refund_sync import reverse_if_given_back
from billing_worker.rules.timeline import add_entry
from egpay.domain.books import Books
from egpay.domain.events import DisputeOpened
from egpay.domain.payment import Dispute


def dispute_opened(event: DisputeOpened, books: Books) -> Books:
    """Hold the shipment until the dispute is closed."""
    payment = payment_of(books, event)
    if payment is None:
        return request_payment_lookup(books, event)
    disputed = payment.disputed(event.dispute_id, Dispute.OPEN)
    if disputed == payment:
        return books
    about = disputed.sale_id or disputed.id
    books = add_entry(
        books.with_payment(disputed),
        event,
        "payment.disputed",
        "the buyer's bank asks the money back",
        about=about,
        sale_id=disputed.sale_id,
    )
    return reverse_if_given_back(books, disputed, event)
