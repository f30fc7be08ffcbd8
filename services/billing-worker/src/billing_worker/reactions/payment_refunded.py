"""Payment refunded: the total of a charge, a lower bound for the refunds that are reported by id."""

from billing_worker.rules.payment_lookup import payment_of, request_payment_lookup
from billing_worker.rules.refund_sync import sync_money
from egpay.domain.books import Books
from egpay.domain.events import PaymentRefunded


def payment_refunded(event: PaymentRefunded, books: Books) -> Books:
    """Add the total; parts that add up to the whole are a full refund."""
    payment = payment_of(books, event)
    if payment is None:
        return request_payment_lookup(books, event)
    refunded = payment.refunded(
        event.amount_refunded,
        in_full=event.in_full,
        at=event.occurred_at,
        currency=event.currency,
        of=event.charge_amount,
    )
    return sync_money(books, payment, refunded, event)
