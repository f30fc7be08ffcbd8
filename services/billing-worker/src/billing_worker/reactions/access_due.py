"""Access due: derives the access of an organisation again when time alone has changed it."""

from billing_worker.rules.access_sync import sync_access
from egpay.domain.books import Books
from egpay.domain.events import AccessDue


def access_due(event: AccessDue, books: Books) -> Books:
    """Store the access with what has passed; a renewal that was paid meanwhile changes nothing for the worse."""
    return sync_access(books, event.organisation_id, event, elapsed=event.elapsed)
