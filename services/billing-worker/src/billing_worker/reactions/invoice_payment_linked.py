"""Invoice payment linked: a payment intent is the one of an invoice, so that refunds of it find their payment."""

from billing_worker.rules.invoice_lookup import payment_of_invoice
from egpay.domain.books import Books
from egpay.domain.events import InvoicePaymentLinked


def invoice_payment_linked(event: InvoicePaymentLinked, books: Books) -> Books:
    """Add the link; the first intent stays."""
    payment = payment_of_invoice(books, event)
    if payment is None:
        return books
    linked = payment.linked(payment_intent=event.payment_intent_id)
    return books if books.payment(linked.id) == linked else books.with_payment(linked)
