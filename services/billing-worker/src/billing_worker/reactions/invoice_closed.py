"""Invoice closed: it was voided or given up, so that nothing is overdue for it."""

import msgspec

from billing_worker.rules.overdue_renewal import record_renewal_owed_no_more
from billing_worker.rules.timeline import add_entry
from egpay.domain.books import Books
from egpay.domain.credits import InvoiceStatus
from egpay.domain.events import InvoiceClosed
from egpay.domain.payment import Payment


def invoice_closed(event: InvoiceClosed, books: Books) -> Books:
    """Add the status to the payment of the invoice, unless it was paid; end what a renewal owes.

    The first invoice of a subscription makes nothing overdue.
    """
    if not event.initial:
        books = record_renewal_owed_no_more(books, event)
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
