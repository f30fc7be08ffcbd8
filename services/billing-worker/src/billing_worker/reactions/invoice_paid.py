"""Invoice paid: the first of a sale ships its devices; a renewal only extends the account."""

from billing_worker.rules.device_link import link_devices
from billing_worker.rules.overdue_renewal import record_renewal_owed_no_more
from billing_worker.rules.shipment_sync import ship_if_due
from billing_worker.rules.subscription_link import record_first_payment, record_subscription, require_sale
from billing_worker.rules.timeline import add_entry
from egpay.domain.books import Books
from egpay.domain.events import InvoicePaid
from egpay.domain.payment import Payment


def invoice_paid(event: InvoicePaid, books: Books) -> Books:
    """Settle the sale by the invoice of its order; record any other paid invoice as a renewal.

    Stripe reports one card payment as `invoice.paid` and `invoice.payment_succeeded`; the second changes nothing.
    """
    if event.initial and event.sale_id is not None:
        return _order_paid(event, books)
    books = record_renewal_owed_no_more(record_first_payment(books, event), event)
    if not event.amount:
        return books
    known = books.payment(event.invoice_id)
    renewal = _settled(event, known or Payment(id=event.invoice_id, sale_id=event.sale_id))
    if renewal == known:
        return books
    what = f"invoice {event.invoice_id} is paid"
    about = event.sale_id or event.subscription_id or event.invoice_id
    return add_entry(books.with_payment(renewal), event, "payment.renewed", what, about=about)


def _order_paid(event: InvoicePaid, books: Books) -> Books:
    before = require_sale(books, event)
    sale = before.settled(event.occurred_at).linked(
        customer=event.customer_id,
        subscription=event.subscription_id,
        invoice=event.invoice_id,
        payment_intent=event.payment_intent_id,
    )
    payment = _settled(event, books.payment(sale.id) or Payment(id=sale.id, sale_id=sale.id))
    books = books.with_sale(sale).with_payment(payment)
    if sale.status is not before.status:
        what = f"invoice {event.invoice_id} is paid"
        books = add_entry(books, event, f"sale.{sale.status.value}", what, about=sale.id)
    books = record_subscription(link_devices(books, sale.id), sale.id, event)
    return ship_if_due(books, sale.id, event)


def _settled(event: InvoicePaid, payment: Payment) -> Payment:
    return payment.settled(event.amount, event.currency, event.occurred_at).linked(
        subscription=event.subscription_id, invoice=event.invoice_id, payment_intent=event.payment_intent_id
    )
