"""Review reported: a person at the provider's dashboard is to look at a payment, or has."""

from billing_worker.rules.payment_lookup import payment_of, request_payment_lookup
from billing_worker.rules.refund_sync import sync_money
from billing_worker.rules.timeline import add_entry
from egpay.domain.books import Books
from egpay.domain.events import ReviewReported
from egpay.domain.risk import RadarReview


def review_reported(event: ReviewReported, books: Books) -> Books:
    """Add the review to its payment."""
    payment = payment_of(books, event)
    if payment is None:
        return request_payment_lookup(books, event)
    after = payment.reviewed(_review(event, payment.id))
    before, now = payment.reviews.get(event.review_id), after.reviews[event.review_id]
    if before is None or before.is_open is not now.is_open:
        word = "opened" if now.is_open else "closed"
        why = f": {now.closed_reason}" if now.closed_reason else ""
        what, about = f"review {now.id} is {word}{why}", after.sale_id or after.id
        books = add_entry(books, event, f"review.{word}", what, about=about, sale_id=after.sale_id)
    return sync_money(books, payment, after, event)


def _review(event: ReviewReported, payment_id: str) -> RadarReview:
    return RadarReview(
        id=event.review_id,
        payment_id=payment_id,
        opened_at=event.occurred_at,
        closed_at=None if event.is_open else event.occurred_at,
        closed_reason=event.closed_reason,
    )
