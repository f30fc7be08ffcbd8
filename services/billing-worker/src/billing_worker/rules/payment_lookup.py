"""Payment lookup: finds the payment of a refund or dispute, even where Stripe does not name the sale."""

from egpay.domain.books import Books
from egpay.domain.commands import AboutPayment, TracePayment
from egpay.domain.payment import Payment
from egpay.domain.values import MessageId


def payment_of(books: Books, event: AboutPayment) -> Payment | None:
    """Load or begin the payment of an event (it may come before the money); None when it is unknown."""
    if event.sale_id is not None:
        payment = books.payment(event.sale_id) or Payment(id=event.sale_id, sale_id=event.sale_id)
        if payment.is_second_payment(invoice=event.invoice_id, payment_intent=event.payment_intent_id):
            return _second_payment(books, event)
        return _linked(payment, event)
    known = books.payment_known_as(payment_intent=event.payment_intent_id, invoice=event.invoice_id)
    if known is None and event.invoice_id is not None:
        known = books.payment(event.invoice_id) or Payment(id=event.invoice_id)
    return _linked(known, event) if known else None


def _linked(payment: Payment, event: AboutPayment) -> Payment:
    return payment.linked(
        subscription=event.subscription_id,
        invoice=event.invoice_id,
        payment_intent=event.payment_intent_id,
    )


def _second_payment(books: Books, event: AboutPayment) -> Payment:
    """Load or begin the payment that does not count, of a sale that was paid twice.

    Giving it back, as a person should, leaves the sale as it is. It has a row of its own, under the provider's id.
    """
    name = event.invoice_id or event.payment_intent_id
    return _linked(books.payment(name) or Payment(id=name, sale_id=event.sale_id), event)


def request_payment_lookup(books: Books, event: AboutPayment) -> Books:
    """Request the owner of a payment from the provider; the event comes again with it, or is not ours."""
    return books.with_commands(
        TracePayment(
            id=MessageId(f"trace:{event.id}"),
            occurred_at=event.occurred_at,
            source=event.source,
            waiting=event,
        )
    )
