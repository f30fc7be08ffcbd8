"""Invoice closed: it was voided or given up, so that nothing is overdue for it."""

from billing_worker.rules.overdue_renewal import record_renewal_owed_no_more
from egpay.domain.books import Books
from egpay.domain.events import InvoiceClosed


def invoice_closed(event: InvoiceClosed, books: Books) -> Books:
    """End what a renewal owes; the first invoice of a subscription makes nothing overdue."""
    return books if event.initial else record_renewal_owed_no_more(books, event)
