"""Checkout expired: marks an unpaid sale expired, so that it can be started again."""

from billing_worker.rules.subscription_link import require_sale
from billing_worker.rules.timeline import add_entry
from egpay.domain.books import Books
from egpay.domain.events import CheckoutExpired
from egpay.domain.sale import SessionProgress


def checkout_expired(event: CheckoutExpired, books: Books) -> Books:
    """Mark the sale expired, unless it was paid or has another page open by now."""
    before = require_sale(books, event)
    sale = before.session_reached(event.session_id, SessionProgress.EXPIRED, ended_at=event.occurred_at)
    if sale == before:
        return books
    return add_entry(
        books.with_sale(sale), event, "checkout.expired", "the Checkout page closed", about=sale.id
    )
