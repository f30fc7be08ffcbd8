"""Sale cancellation: nothing leaves, no page takes money any more, and the money is what the operator chose."""

from billing_worker.rules.acts import doubt_act, record_act
from billing_worker.rules.cancelled_refund import request_cancelled_refund
from billing_worker.rules.late_payment import sync_cancelled_money
from billing_worker.rules.shipment_sync import ship_if_due
from billing_worker.rules.timeline import add_entry
from egpay.domain.acts import ImpossibleAct, key_of
from egpay.domain.books import Books
from egpay.domain.cancellation import Cancellation
from egpay.domain.commands import ExpireOrderPage
from egpay.domain.events import SaleCancelled
from egpay.domain.sale import Sale, SessionProgress
from egpay.domain.values import MessageId

LEFT = (
    "its devices have left, so that nothing can stop them: refund it and ask for them, or leave it as it is"
)
UNDECIDED = "it is paid: say what becomes of the money, --refund or --keep-money"


def cancel_sale(books: Books, event: SaleCancelled) -> Books:
    """Cancel a sale, whatever else is heard of it before or after.

    What has left cannot be stopped, and money without a decision stays: either is a case, and a rehearsal objects to
    it. Raises ImpossibleAct when there is no such sale, or it was cancelled before.
    """
    before = books.sale(event.sale_id)
    if before is None:
        raise ImpossibleAct(f"there is no sale {event.sale_id}")
    if before.cancelled:
        raise ImpossibleAct(f"sale {before.id} is cancelled already")
    sale = before.cancelled_by(Cancellation(at=event.occurred_at, money=event.money, act=key_of(event)))
    books = record_act(books.with_sale(sale), event, "sale.cancelled", "cancelled")
    for reason in _doubts(books, sale, event):
        books = doubt_act(books, event, reason)
    for name in sorted(one.id for one in books.subscriptions if one.sale_id == sale.id and one.goes_on):
        what = f"its subscription {name} goes on: `egpay subscription end {name}` ends it"
        books = add_entry(books, event, "subscription.goes_on", what, about=sale.id)
    if before.session_progress is SessionProgress.OPEN and not before.paid:
        books = books.with_commands(_expiry(sale, event))
    return sync_cancelled_money(ship_if_due(_refunded(books, sale, event), sale.id, event), sale.id, event)


def _refunded(books: Books, sale: Sale, event: SaleCancelled) -> Books:
    """Have its money given back where that was chosen; a rehearsal objects where it cannot be."""
    try:
        return request_cancelled_refund(books, sale.id, event)
    except ImpossibleAct as impossible:
        return doubt_act(books, event, str(impossible))


def _doubts(books: Books, sale: Sale, event: SaleCancelled) -> list[str]:
    shipment, payment = books.shipment(sale.id), books.payment(sale.id)
    doubts = [LEFT] if shipment and shipment.dispatched else []
    if event.money is None and payment and payment.paid_at and payment.amount and not payment.gone_in_full:
        doubts.append(UNDECIDED)
    return doubts


def _expiry(sale: Sale, event: SaleCancelled) -> ExpireOrderPage:
    return ExpireOrderPage(
        id=MessageId(f"expire-page:{sale.id}:{event.id}"),
        occurred_at=event.occurred_at,
        source=event.source,
        sale_id=sale.id,
    )
