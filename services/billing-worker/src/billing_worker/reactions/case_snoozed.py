"""Case snoozed: an operator lets a case wait."""

from billing_worker.rules.case_acts import snooze_case
from egpay.domain.books import Books
from egpay.domain.events import CaseSnoozed


def case_snoozed(event: CaseSnoozed, books: Books) -> Books:
    """Raise no alarm for it until then."""
    return snooze_case(books, event)
