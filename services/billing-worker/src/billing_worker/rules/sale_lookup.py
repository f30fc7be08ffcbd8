"""The sale an event is about, or a clear reason why the event has to wait for somebody to look at it."""

from egpay.domain.books import Books
from egpay.domain.errors import Defect
from egpay.domain.events import EventBase
from egpay.domain.sale import Sale


def require_sale(books: Books, event: EventBase) -> Sale:
    """Our sale that the event names. Every sale is stored before Stripe hears of it, so one that is missing means
    another database behind the same Stripe account, or data that was lost: Defect, and the event is kept."""
    sale = books.sale(event.sale_id)
    if sale is None:
        raise Defect(f"there is no sale {event.sale_id}")
    return sale
