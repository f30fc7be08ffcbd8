"""Sale cancelled: an operator ended a sale, before or after it was paid."""

from billing_worker.rules.sale_cancellation import cancel_sale
from egpay.domain.books import Books
from egpay.domain.events import SaleCancelled


def sale_cancelled(event: SaleCancelled, books: Books) -> Books:
    """Cancel the sale, stop what has not left, and have its page expired."""
    return cancel_sale(books, event)
