"""Invoice lookup: finds the payment of an event that names an invoice and not its subscription."""

from egpay.domain.books import Books
from egpay.domain.events import CreditNoteReported, InvoicePaymentLinked
from egpay.domain.payment import Payment
from egpay.domain.values import PaymentIntentId


def payment_of_invoice(books: Books, event: InvoicePaymentLinked | CreditNoteReported) -> Payment | None:
    """Load or begin the payment of an invoice of ours; None while the books have no row for it."""
    if event.sale_id is not None:  # only the invoice of the order itself leads to the sale
        known = books.payment(event.sale_id) or Payment(id=event.sale_id, sale_id=event.sale_id)
    else:
        unknown = PaymentIntentId("")
        found = books.payment(event.invoice_id)
        found = found or books.payment_known_as(payment_intent=unknown, invoice=event.invoice_id)
        if found is None:
            return None
        known = found
    return known.linked(invoice=event.invoice_id)
