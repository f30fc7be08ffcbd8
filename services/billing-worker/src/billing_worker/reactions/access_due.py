"""Access due: derives the access of an organisation again when time alone has changed it."""

from billing_worker.rules.access_sync import sync_access
from billing_worker.rules.overdue_renewal import find_overdue_renewal
from egpay.domain.books import Books
from egpay.domain.events import AccessDue


def access_due(event: AccessDue, books: Books) -> Books:
    """Store the access with what has passed; a renewal that was paid meanwhile changes nothing for the worse.

    Of an organisation whose access was never stored no event has said since when it owes, so that this is asked.
    """
    if event.elapsed is None:
        for one in sorted(books.subscriptions_of(event.organisation_id), key=lambda each: each.id):
            books = find_overdue_renewal(books, None, one, event)
    return sync_access(books, event.organisation_id, event, elapsed=event.elapsed)
