"""Refund reported: counts from its creation, and no more once it failed or was cancelled."""

from billing_worker.rules.payment_lookup import payment_of, request_payment_lookup
from billing_worker.rules.refund_sync import sync_money
from billing_worker.rules.timeline import add_entry
from egpay.domain.books import Books
from egpay.domain.currencies import shown
from egpay.domain.events import RefundReported
from egpay.domain.refunds import RefundRecord


def refund_reported(event: RefundReported, books: Books) -> Books:
    """Add the refund to its payment; one that came back leaves a line, and a case while the buyer is owed it."""
    payment = payment_of(books, event)
    if payment is None:
        return request_payment_lookup(books, event)
    after = payment.with_refund(event.refund_id, _record(event))
    known, now = payment.refunds.known.get(event.refund_id), after.refunds.known[event.refund_id]
    if not now.counts and (known is None or known.counts):
        why = f" ({now.failure_reason})" if now.failure_reason else ""
        what = f"refund {event.refund_id} of {shown(event.amount, event.currency)} is {now.status.value}{why}"
        about = after.sale_id or after.id
        books = add_entry(
            books, event, f"refund.{now.status.value}", what, about=about, sale_id=after.sale_id
        )
    return sync_money(books, payment, after, event)


def _record(event: RefundReported) -> RefundRecord:
    record = RefundRecord(
        amount=event.amount,
        currency=event.currency,
        status=event.status,
        reported_at=event.occurred_at,
        created_at=event.created_at,
        failure_reason=event.failure_reason,
        act=event.act,
    )
    return record if record.counts else record.came_back(event.occurred_at)
