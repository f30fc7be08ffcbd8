"""Dispute reported: holds what has not left while it is open, and takes its amount when it is lost."""

from billing_worker.rules.payment_lookup import payment_of, request_payment_lookup
from billing_worker.rules.refund_sync import sync_money
from billing_worker.rules.timeline import add_entry
from egpay.domain.books import Books
from egpay.domain.commands import RefreshDispute
from egpay.domain.currencies import shown
from egpay.domain.disputes import Dispute, DisputeState
from egpay.domain.events import DisputeReported
from egpay.domain.values import MessageId


def dispute_reported(event: DisputeReported, books: Books) -> Books:
    """Add what its status says, whatever the event was called; two reports of one second are asked about."""
    payment = payment_of(books, event)
    if payment is None:
        return request_payment_lookup(books, event)
    after = payment.disputed(_report(event, payment.id))
    before, now = payment.disputes.get(event.dispute_id), after.disputes[event.dispute_id]
    if before is None or before.status != now.status:
        about = after.sale_id or after.id
        what = f"dispute {now.id} over {_amount(now)} is {now.status}"
        books = add_entry(books, event, _kind(now), what, about=about, sale_id=after.sale_id)
    if now.contested and not (before and before.contested):
        books = books.with_commands(_question(event, now))
    return sync_money(books, payment, after, event)


def _report(event: DisputeReported, payment_id: str) -> Dispute:
    report = Dispute(
        id=event.dispute_id,
        payment_id=payment_id,
        status=event.status,
        reported_at=event.occurred_at,
        amount=event.amount,
        currency=event.currency,
        due_by=event.due_by,
        took_money=event.took_money,
        refundable=event.refundable,
    )
    return report.remembering_a_loss()


def _amount(dispute: Dispute) -> str:
    return "the payment" if dispute.amount is None else shown(dispute.amount, dispute.currency)


def _kind(dispute: Dispute) -> str:
    return "payment.disputed" if dispute.state is DisputeState.OPEN else f"dispute.{dispute.state.value}"


def _question(event: DisputeReported, dispute: Dispute) -> RefreshDispute:
    return RefreshDispute(
        id=MessageId(f"refresh:{dispute.id}:{int(dispute.reported_at.timestamp())}"),
        occurred_at=event.occurred_at,
        source=event.source,
        sale_id=event.sale_id,
        waiting=event,
    )
