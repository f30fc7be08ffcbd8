"""Invoice closed: it was voided or given up, and is in the books with that status."""

import msgspec

from billing_worker.rules.timeline import add_entry
from egpay.domain.books import Books
from egpay.domain.credits import InvoiceStatus
from egpay.domain.events import InvoiceClosed
from egpay.domain.payment import Payment


def invoice_closed(event: InvoiceClosed, books: Books) -> Books:
    """Add the status to the payment of the invoice; money that was settled for it outweighs it."""
    own = event.sale_id if event.initial else None
    known = books.payment(own or event.invoice_id) or Payment(id=own or event.invoice_id)
    if known.invoice_id not in (None, event.invoice_id):
        known = books.payment(event.invoice_id) or Payment(id=event.invoice_id)
    status = InvoiceStatus.VOIDED if event.voided else InvoiceStatus.UNCOLLECTIBLE
    known = msgspec.structs.replace(known, sale_id=known.sale_id or event.sale_id)
    after = known.linked(subscription=event.subscription_id, invoice=event.invoice_id).invoice_reached(status)
    if books.payment(after.id) == after:
        return books
    about = after.sale_id or after.subscription_id or after.id
    what = f"invoice {event.invoice_id} is {status.value}"
    return add_entry(books.with_payment(after), event, f"invoice.{status.value}", what, about=about)
