"""E-mail corrected: an operator set right by which address an admin is known."""

from billing_worker.rules.account_acts import correct_email
from egpay.domain.books import Books
from egpay.domain.events import EmailCorrected


def email_corrected(event: EmailCorrected, books: Books) -> Books:
    """Change the account and its orders, and have the right address invited."""
    return correct_email(books, event)
