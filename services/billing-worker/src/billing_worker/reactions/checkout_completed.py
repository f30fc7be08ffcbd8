"""A buyer finished Checkout: the sale is complete, and its subscription is known as the admin's."""

from datetime import UTC, datetime

import msgspec

from billing_worker.consequences.entries import noting
from billing_worker.consequences.lookup import sale_of
from billing_worker.consequences.shipping import ship_if_due
from billing_worker.consequences.welcoming import welcome_if_due
from egpay.domain.books import Books
from egpay.domain.case import Case, CaseKind
from egpay.domain.events import CheckoutCompleted
from egpay.domain.payment import Payment
from egpay.domain.sale import Sale, SessionProgress
from egpay.domain.subscription import Subscription, SubscriptionStatus

_UNREPORTED = datetime.fromtimestamp(0, tz=UTC)


def checkout_completed(event: CheckoutCompleted, books: Books) -> Books:
    """Complete the sale, record its subscription, and ship once the money is settled.

    With a delayed payment method (`paid` false) the sale waits; the same event comes again when money has arrived.
    The e-mail typed at Checkout becomes the billing e-mail unless the order named one; it is never the identity.
    """
    before = sale_of(books, event)
    sale = before.session_reached(event.session_id, SessionProgress.COMPLETED).linked(
        customer=event.customer_id,
        subscription=event.subscription_id,
        invoice=event.invoice_id,
        payment_intent=event.payment_intent_id,
        billing_email=books.buyer_emails.get(event.id),
    )
    if event.paid:
        sale = sale.settled(event.occurred_at)
        books = books.with_payment(_payment(event, sale, books))
    books = _case_if_paid_twice(event, before, books.with_sale(sale))
    if sale.status is not before.status:
        books = noting(
            books, event, f"sale.{sale.status.value}", "the buyer finished Checkout", about=sale.id
        )
    return ship_if_due(_with_subscription(event, sale, books), sale.id, event)


def _case_if_paid_twice(event: CheckoutCompleted, before: Sale, books: Books) -> Books:
    """Two Checkout pages of one sale were both paid: one of the payments is to be given back, by a person."""
    if not (event.paid and before.paid and before.checkout_session_id not in (None, event.session_id)):
        return books
    return books.opening(
        Case(
            id=f"{CaseKind.PAID_TWICE.value}:{before.id}",
            kind=CaseKind.PAID_TWICE,
            subject=before.id,
            what="two Checkout pages of one sale were paid",
            opened_at=event.occurred_at,
            cause=event.id,
            sale_id=before.id,
        )
    )


def _payment(event: CheckoutCompleted, sale: Sale, books: Books) -> Payment:
    known = books.payment(sale.id) or Payment(id=sale.id, sale_id=sale.id)
    return known.settled(event.amount, event.currency, event.occurred_at).linked(
        subscription=event.subscription_id, invoice=event.invoice_id, payment_intent=event.payment_intent_id
    )


def _with_subscription(event: CheckoutCompleted, sale: Sale, books: Books) -> Books:
    if event.subscription_id is None:
        return books
    known = books.subscription(event.subscription_id)
    subscription = (
        msgspec.structs.replace(known, sale_id=sale.id)
        if known
        else Subscription(
            id=event.subscription_id,
            status=SubscriptionStatus.INCOMPLETE,
            reported_at=_UNREPORTED,
            customer_id=event.customer_id,
            sale_id=sale.id,
        )
    )
    return welcome_if_due(books.with_subscription(subscription), subscription, event)
