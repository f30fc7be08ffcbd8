"""Checkout completed: completes the sale and links its subscription to the admin."""

from billing_worker.rules.cancelled_refund import refund_cancelled_sale
from billing_worker.rules.device_link import link_devices
from billing_worker.rules.double_payment import settle_sale
from billing_worker.rules.late_payment import is_late, report_late_payment, sync_cancelled_money
from billing_worker.rules.order_sum import misfit_of
from billing_worker.rules.refund_sync import sync_settled_money
from billing_worker.rules.shipment_sync import ship_if_due
from billing_worker.rules.subscription_link import record_subscription, require_sale
from billing_worker.rules.timeline import add_entry
from egpay.domain.books import Books
from egpay.domain.events import CheckoutCompleted
from egpay.domain.sale import SessionProgress


def checkout_completed(event: CheckoutCompleted, books: Books) -> Books:
    """Complete the sale, record its subscription, and ship once the money is settled.

    With a delayed payment method (`paid` false) the sale waits; the same event comes again when money has arrived.
    Money for a sale that was over is booked and settles nothing. The e-mail typed at Checkout becomes the billing
    e-mail unless the order named one; it is never the identity.
    """
    before = require_sale(books, event)
    sale = before.session_reached(event.session_id, SessionProgress.COMPLETED)
    sale = sale.linked(
        customer=event.customer_id,
        subscription=event.subscription_id,
        invoice=event.invoice_id,
        payment_intent=event.payment_intent_id,
        totals=event.totals,
        billing_email=books.buyer_emails.get(event.id),
        overwrite=sale.checkout_session_id == event.session_id,
    )
    late = event.paid and is_late(before, event.occurred_at, event.session_id)
    if event.paid:
        sale = sale if late else sale.settled(event.occurred_at)
        counts = sale.checkout_session_id == event.session_id
        books = settle_sale(books, sale.id, event, counts=counts)
    books = books.with_sale(sale)
    if sale.status is not before.status:
        books = add_entry(
            books, event, f"sale.{sale.status.value}", "the buyer finished Checkout", about=sale.id
        )
    books = refund_cancelled_sale(books, sale.id, event)
    books = (report_late_payment if late else sync_cancelled_money)(books, sale.id, event)
    books = sync_settled_money(
        link_devices(books, sale.id), (sale.id, event.invoice_id, event.payment_intent_id), event
    )
    books = record_subscription(books, sale.id, event, settled=event.paid and not late)
    misfit = misfit_of(books, sale, event) if event.paid and not late else None
    return ship_if_due(books, sale.id, event, misfit=misfit)
