"""Refund refused: the provider gives nothing back for an act, which a person is told."""

from billing_worker.rules.refund_acts import BARRED
from billing_worker.rules.refund_sync import sync_money
from billing_worker.rules.timeline import add_entry
from egpay.domain.books import Books
from egpay.domain.currencies import shown
from egpay.domain.errors import Defect
from egpay.domain.events import RefundRefused
from egpay.domain.payment import Payment
from egpay.domain.refund_requests import RefundRequest


def refund_refused(event: RefundRefused, books: Books) -> Books:
    """End the request, so that its amount can be asked for again; the case says why it was refused."""
    payment = _payment(event, books)
    known = payment.refund_requests.get(event.act) or RefundRequest(
        amount=event.amount, requested_at=event.occurred_at
    )
    words = " ".join(filter(None, (event.code or "refused", event.param, event.request_id)))
    what = f"{shown(event.amount, payment.currency)} does not go back for act {event.act}: Stripe refuses ({words})"
    books = add_entry(
        books, event, "refund.refused", what, about=payment.sale_id or payment.id, sale_id=payment.sale_id
    )
    refused = known.refused(words, None if event.code == BARRED else event.occurred_at)
    return sync_money(books, payment, payment.with_refund_request(event.act, refused), event)


def _payment(event: RefundRefused, books: Books) -> Payment:
    """The payment with the request, which may have got a row under another id since."""
    known = books.payment(event.payment_id)
    if known is not None and event.act in known.refund_requests:
        return known
    if event.payment_intent_id is not None:
        known = books.payment_known_as(payment_intent=event.payment_intent_id) or known
    if known is None:
        raise Defect(f"there is no payment {event.payment_id}")
    return known
