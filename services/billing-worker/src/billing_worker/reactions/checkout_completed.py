"""Checkout completed: completes the sale and links its subscription to the admin."""

from billing_worker.rules.device_link import link_devices
from billing_worker.rules.double_payment import report_second_payment
from billing_worker.rules.refund_sync import sync_settled_money
from billing_worker.rules.shipment_sync import ship_if_due
from billing_worker.rules.subscription_link import record_subscription, require_sale
from billing_worker.rules.timeline import add_entry
from egpay.domain.books import Books
from egpay.domain.events import CheckoutCompleted
from egpay.domain.payment import Payment
from egpay.domain.sale import Sale, SessionProgress


def checkout_completed(event: CheckoutCompleted, books: Books) -> Books:
    """Complete the sale, record its subscription, and ship once the money is settled.

    With a delayed payment method (`paid` false) the sale waits; the same event comes again when money has arrived.
    The e-mail typed at Checkout becomes the billing e-mail unless the order named one; it is never the identity.
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
    if event.paid:
        sale = sale.settled(event.occurred_at)
        books = _with_payment(event, sale, books)
    books = books.with_sale(sale)
    if sale.status is not before.status:
        books = add_entry(
            books, event, f"sale.{sale.status.value}", "the buyer finished Checkout", about=sale.id
        )
    books = sync_settled_money(link_devices(books, sale.id), sale.id, event)
    return ship_if_due(record_subscription(books, sale.id, event), sale.id, event)


def _with_payment(event: CheckoutCompleted, sale: Sale, books: Books) -> Books:
    """Settle the one payment of a sale; opens a case when a second one arrives.

    When two of its Checkout pages were paid, in whatever order, the ids of the page that counts stay, and a person
    gives the other payment back.
    """
    known = books.payment(sale.id) or Payment(id=sale.id, sale_id=sale.id)
    if known.is_second_payment(invoice=event.invoice_id, payment_intent=event.payment_intent_id):
        books = report_second_payment(books, sale.id, event)
    return books.with_payment(
        known.settled(event.amount, event.currency, event.occurred_at).linked(
            subscription=event.subscription_id,
            invoice=event.invoice_id,
            payment_intent=event.payment_intent_id,
            overwrite=sale.checkout_session_id == event.session_id,
        )
    )
