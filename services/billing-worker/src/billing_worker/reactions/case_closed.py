"""Case closed: an operator settled what a rule could not."""

from billing_worker.rules.case_acts import close_case
from egpay.domain.books import Books
from egpay.domain.events import CaseClosed


def case_closed(event: CaseClosed, books: Books) -> Books:
    """Close it for the facts that were seen."""
    return close_case(books, event)
