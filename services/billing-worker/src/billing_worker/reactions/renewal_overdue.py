"""Renewal overdue: the provider's answer since when a subscription owes."""

from billing_worker.rules.overdue_renewal import record_unpaid_renewal
from egpay.domain.books import Books
from egpay.domain.events import RenewalOverdue


def renewal_overdue(event: RenewalOverdue, books: Books) -> Books:
    """Store it; access follows."""
    return record_unpaid_renewal(books, event)
