"""A renewal could not be collected: it is on record, and the subscription's own status says what follows."""

from billing_worker.consequences.entries import noting
from egpay.domain.books import Books
from egpay.domain.events import InvoicePaymentFailed


def invoice_payment_failed(event: InvoicePaymentFailed, books: Books) -> Books:
    """Note the failed try. Access follows the subscription (`past_due`, `unpaid`), which Stripe reports itself."""
    about = event.sale_id or event.subscription_id or event.invoice_id
    what = f"try {event.attempt} to collect invoice {event.invoice_id} failed"
    return noting(books, event, "payment.attempt_failed", what, about=about)
