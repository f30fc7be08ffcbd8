"""Payment refunded: a full refund ends the sale and cancels devices that have not left."""

from billing_worker.rules.payment_lookup import payment_of, request_payment_lookup
from billing_worker.rules.refund_sync import reverse_if_given_back
from billing_worker.rules.timeline import add_entry
from egpay.domain.books import Books
from egpay.domain.events import PaymentRefunded


def payment_refunded(event: PaymentRefunded, books: Books) -> Books:
    """Record the refund; a partial one changes nothing else, parts that add up to the whole are full."""
    payment = payment_of(books, event)
    if payment is None:
        return request_payment_lookup(books, event)
    refunded = payment.refunded(event.amount_refunded, in_full=event.in_full, at=event.occurred_at)
    what = f"{refunded.amount_refunded} {refunded.currency or ''} went back".replace("  ", " ")
    about = refunded.sale_id or refunded.id
    books = add_entry(
        books.with_payment(refunded), event, "payment.refunded", what, about=about, sale_id=refunded.sale_id
    )
    return reverse_if_given_back(books, refunded, event)
