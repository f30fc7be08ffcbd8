"""Refund requested: an operator gives back money of a payment, once, and never more than is left."""

from billing_worker.rules.acts import record_act, refuse_act
from billing_worker.rules.refund_acts import (
    amount_of,
    barred_by_dispute,
    barred_request,
    request_refund,
)
from billing_worker.rules.refund_sync import sync_money
from egpay.domain.acts import ImpossibleAct, key_of
from egpay.domain.books import Books
from egpay.domain.currencies import shown
from egpay.domain.events import RefundRequested
from egpay.domain.payment import Payment
from egpay.domain.values import SaleId


def refund_requested(event: RefundRequested, books: Books) -> Books:
    """Store the request and ask the provider for it; a dispute that is heard of first refuses it as Stripe would."""
    payment, act = _payment(event, books), key_of(event)
    if act in payment.refund_requests:
        return books
    reason = barred_by_dispute(payment)
    if reason is not None:
        request = barred_request(books, payment, event.terms, act, event)
        books = sync_money(books, payment, payment.with_refund_request(act, request), event)
        return refuse_act(books, event, reason)
    amount = amount_of(books, payment, event.terms, act)
    books = record_act(books, event, "refund.requested", _told(amount, payment, event, books))
    return request_refund(books, payment, event.terms, act, event)


def _payment(event: RefundRequested, books: Books) -> Payment:
    """The payment that was named, which may have got a row under another id since."""
    known = books.payment(event.payment_id)
    moved = known is None or known.id == event.sale_id or known.paid_at is None
    if event.payment_intent_id is not None and moved:
        known = books.payment_known_as(payment_intent=event.payment_intent_id) or known
    if known is None:
        raise ImpossibleAct(f"there is no payment {event.payment_id}: nothing was paid yet")
    return known


def _told(amount: int, payment: Payment, event: RefundRequested, books: Books) -> str:
    lines = [f"{quantity} {product}" for product, quantity in sorted(event.terms.lines.items())]
    what = f"{shown(amount, payment.currency)} of payment {payment.id} to be given back"
    what += f" for {' and '.join(lines)}" if lines else ""
    what += " as goodwill" if event.terms.goodwill else ""
    shipment = books.shipment(SaleId(payment.id))
    return f"{what}, money alone because its devices have left" if shipment and shipment.dispatched else what
