"""Refunds and disputes find the payment they are about, even where Stripe does not say whose it is."""

from billing_worker.rules.timeline import add_entry
from egpay.domain.books import Books
from egpay.domain.commands import TracePayment
from egpay.domain.events import DisputeClosed, DisputeOpened, PaymentRefunded, RefundFailed
from egpay.domain.payment import Payment
from egpay.domain.values import MessageId

AboutPayment = PaymentRefunded | RefundFailed | DisputeOpened | DisputeClosed


def payment_of(books: Books, event: AboutPayment) -> Payment | None:
    """The payment an event is about, begun here if the event came before the money; None when nobody knows yet."""
    if event.sale_id is not None:
        payment = books.payment(event.sale_id) or Payment(id=event.sale_id, sale_id=event.sale_id)
        if payment.is_second_payment(invoice=event.invoice_id, payment_intent=event.payment_intent_id):
            return _second_payment(books, event)
        return payment.linked(payment_intent=event.payment_intent_id, invoice=event.invoice_id)
    known = books.payment_known_as(payment_intent=event.payment_intent_id, invoice=event.invoice_id)
    if known is None and event.invoice_id is not None:
        known = books.payment(event.invoice_id) or Payment(id=event.invoice_id)
    return known.linked(payment_intent=event.payment_intent_id, invoice=event.invoice_id) if known else None


def _second_payment(books: Books, event: AboutPayment) -> Payment:
    """The sale was paid twice, and this is about the payment that does not count: giving it back, as a person should,
    leaves the sale as it is. It has a row of its own, under the provider's name for it."""
    name = event.invoice_id or event.payment_intent_id
    return books.payment(name) or Payment(
        id=name,
        sale_id=event.sale_id,
        invoice_id=event.invoice_id,
        payment_intent_id=event.payment_intent_id,
    )


def request_payment_lookup(books: Books, event: AboutPayment) -> Books:
    """Ask the provider whose payment this is; the event comes back with the answer, or is not ours."""
    command = TracePayment(
        id=MessageId(f"trace:{event.id}"), occurred_at=event.occurred_at, source=event.source, waiting=event
    )
    about = event.payment_intent_id
    return add_entry(
        books.with_commands(command), event, "payment.traced", "asked whose payment this is", about=about
    )
