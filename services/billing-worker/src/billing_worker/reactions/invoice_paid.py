"""Invoice paid: the first of a sale ships its devices; a renewal only extends the account."""

import msgspec

from billing_worker.rules.cancelled_refund import refund_cancelled_sale
from billing_worker.rules.device_link import link_devices
from billing_worker.rules.double_payment import settle_sale, status_of
from billing_worker.rules.late_payment import is_late, report_late_payment, sync_cancelled_money
from billing_worker.rules.order_sum import misfit_of
from billing_worker.rules.overdue_renewal import record_renewal_owed_no_more
from billing_worker.rules.refund_sync import sync_settled_money
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
    books = add_entry(books.with_payment(renewal), event, "payment.renewed", what, about=about)
    return sync_settled_money(books, (renewal.id,), event)


def _order_paid(event: InvoicePaid, books: Books) -> Books:
    before = require_sale(books, event)
    late = is_late(before, event.occurred_at)
    sale = before.linked(
        customer=event.customer_id,
        subscription=event.subscription_id,
        invoice=event.invoice_id,
        payment_intent=event.payment_intent_id,
    )
    sale = sale if late else sale.settled(event.occurred_at)
    books = settle_sale(books.with_sale(sale), sale.id, event, counts=False)
    books = refund_cancelled_sale(books, sale.id, event)
    books = (report_late_payment if late else sync_cancelled_money)(books, sale.id, event)
    if sale.status is not before.status:
        what = f"invoice {event.invoice_id} is paid"
        books = add_entry(books, event, f"sale.{sale.status.value}", what, about=sale.id)
    books = sync_settled_money(
        link_devices(books, sale.id), (sale.id, event.invoice_id, event.payment_intent_id), event
    )
    books = record_subscription(books, sale.id, event, settled=not late)
    misfit = None if late else misfit_of(books, sale, event)
    return ship_if_due(books, sale.id, event, misfit=misfit)


def _settled(event: InvoicePaid, payment: Payment) -> Payment:
    """Settle it, and say whose it is where a refund or a dispute of it came first."""
    known = msgspec.structs.replace(payment, sale_id=payment.sale_id or event.sale_id)
    known = known.settled(event.amount, event.currency, event.occurred_at, by_invoice=True)
    return known.invoice_reached(status_of(event)).linked(
        subscription=event.subscription_id, invoice=event.invoice_id, payment_intent=event.payment_intent_id
    )
