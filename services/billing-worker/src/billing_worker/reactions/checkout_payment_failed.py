"""Delayed payment failed: marks the sale, ships nothing, and e-mails the buyer, who may try again."""

from billing_worker.rules.subscription_link import require_sale
from billing_worker.rules.timeline import add_entry
from egpay.domain.books import Books
from egpay.domain.commands import SendPaymentFailed
from egpay.domain.events import CheckoutPaymentFailed
from egpay.domain.sale import SaleStatus, SessionProgress
from egpay.domain.values import MessageId


def checkout_payment_failed(event: CheckoutPaymentFailed, books: Books) -> Books:
    """Mark the payment failed, unless the sale was paid in another way by now."""
    before = require_sale(books, event)
    sale = before.session_reached(event.session_id, SessionProgress.FAILED, ended_at=event.occurred_at)
    if sale == before:
        return books
    books = add_entry(
        books.with_sale(sale), event, "payment.failed", "the delayed payment failed", about=sale.id
    )
    if sale.status is not SaleStatus.PAYMENT_FAILED:
        return books
    return books.with_commands(
        SendPaymentFailed(
            id=MessageId(f"payment_failed:{event.session_id}"),
            occurred_at=event.occurred_at,
            source=event.source,
            sale_id=sale.id,
        )
    )
