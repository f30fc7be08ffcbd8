"""Address corrected: an operator set right where the devices of a sale go."""

from billing_worker.rules.address_correction import correct_address
from egpay.domain.books import Books
from egpay.domain.events import AddressCorrected


def address_corrected(event: AddressCorrected, books: Books) -> Books:
    """Store the address, and tell the warehouse."""
    return correct_address(books, event)
