"""Introduction requested: an operator has the admin of an organisation invited again."""

from billing_worker.rules.account_acts import introduce_again
from egpay.domain.books import Books
from egpay.domain.events import IntroductionRequested


def introduction_requested(event: IntroductionRequested, books: Books) -> Books:
    """Have a letter with a new link sent; any earlier link ends."""
    return introduce_again(books, event)
