"""Timeline: the one way to add an entry, so that each names its subject and its cause."""

from egpay.domain.books import Books
from egpay.domain.events import EventBase
from egpay.domain.timeline import Entry
from egpay.domain.values import SaleId


def add_entry(
    books: Books, cause: EventBase, kind: str, what: str, *, about: str, sale_id: SaleId | None = None
) -> Books:
    """Add an entry to the books: `about` is the object's id, `what` holds no personal data."""
    return books.with_entries(
        Entry(
            subject=about,
            sale_id=sale_id or cause.sale_id,
            at=cause.occurred_at,
            kind=kind,
            what=what,
            cause=cause.id,
        )
    )
