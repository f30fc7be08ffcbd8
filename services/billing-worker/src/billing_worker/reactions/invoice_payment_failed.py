"""Renewal failed: reminds the payer; what follows is the subscription's own status."""

from billing_worker.rules.overdue_renewal import record_unpaid_renewal
from billing_worker.rules.timeline import add_entry
from egpay.domain.books import Books
from egpay.domain.commands import SendPaymentReminder
from egpay.domain.events import InvoicePaymentFailed
from egpay.domain.values import MessageId


def invoice_payment_failed(event: InvoicePaymentFailed, books: Books) -> Books:
    """Remind once for each try of a renewal.

    At the first invoice the Checkout page itself says what is wrong. Access follows the subscription
    (`past_due`, `unpaid`), which Stripe reports itself; how long its grace lasts, from when the renewal fell due.
    """
    about = event.sale_id or event.subscription_id or event.invoice_id
    what = f"try {event.attempt} to collect invoice {event.invoice_id} failed"
    books = add_entry(books, event, "payment.attempt_failed", what, about=about)
    if event.initial or event.subscription_id is None:
        return books
    return record_unpaid_renewal(books, event).with_commands(
        SendPaymentReminder(
            id=MessageId(f"reminder:{event.invoice_id}:{event.attempt}"),
            occurred_at=event.occurred_at,
            source=event.source,
            sale_id=event.sale_id,
            subscription_id=event.subscription_id,
            invoice_id=event.invoice_id,
            attempt=event.attempt,
        )
    )
