"""Refund failed: opens a case, because the buyer has neither the money nor what was stopped."""

from billing_worker.rules.payment_lookup import payment_of, request_payment_lookup
from billing_worker.rules.refund_sync import reverse_if_given_back
from billing_worker.rules.timeline import add_entry
from egpay.domain.books import Books
from egpay.domain.events import RefundFailed


def refund_failed(event: RefundFailed, books: Books) -> Books:
    """Subtract it from the refunds, which opens a case; a cancelled shipment stays so, in any order."""
    payment = payment_of(books, event)
    if payment is None:
        return request_payment_lookup(books, event)
    after = payment.refund_failed(event.refund_id, event.amount, at=event.occurred_at)
    if (
        event.refund_id in payment.refunds.failed
    ):  # reported by another event, and now maybe for an earlier time
        return reverse_if_given_back(books.with_payment(after), after, event)
    what = f"refund {event.refund_id} of {event.amount} {event.currency} failed"
    books = add_entry(
        books.with_payment(after),
        event,
        "refund.failed",
        what,
        about=after.sale_id or after.id,
        sale_id=after.sale_id,
    )
    return reverse_if_given_back(books, after, event)
