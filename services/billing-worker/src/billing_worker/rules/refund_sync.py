"""Refund sync: brings a sale, its shipment and its cases in line with the money that is gone or in doubt."""

from collections.abc import Iterable

from billing_worker.rules.double_payment import sync_second_payment
from billing_worker.rules.late_payment import sync_late_payment
from billing_worker.rules.money_cases import sync_money_cases
from billing_worker.rules.refunded_subscription import sync_refunded_subscription
from billing_worker.rules.shipment_sync import ship_if_due
from billing_worker.rules.timeline import add_entry
from billing_worker.rules.withdrawal import sync_withdrawal
from egpay.domain.books import Books
from egpay.domain.currencies import shown
from egpay.domain.events import EventBase
from egpay.domain.payment import Payment
from egpay.domain.values import SaleId


def sync_money(books: Books, before: Payment, after: Payment, cause: EventBase) -> Books:
    """Store a payment after a report about it, and sync what follows; what changes nothing leaves no line."""
    if books.payment(after.id) == after:
        return books
    books = books.with_payment(after)
    if after.amount_refunded != before.amount_refunded:
        what = f"{shown(after.amount_refunded, after.currency)} went back"
        about = after.sale_id or after.id
        books = add_entry(books, cause, "payment.refunded", what, about=about, sale_id=after.sale_id)
    return _sync(books, after, cause)


def sync_settled_money(books: Books, names: Iterable[str | None], cause: EventBase) -> Books:
    """Sync payments whose money was just settled, where a refund, dispute, warning or review came before it.

    `names` are their possible ids: a second payment of a sale has a row of its own. It may have been the sale's own until
    now, and was given back.
    """
    for name in filter(None, names):
        payment, sale = books.payment(name), books.sale(SaleId(name))
        if payment and (payment.was_touched or (sale is not None and sale.refunded)):
            books = _sync(books, payment, cause)
    return books


def _sync(books: Books, payment: Payment, cause: EventBase) -> Books:
    books = sync_second_payment(sync_money_cases(books, payment, cause), payment, cause)
    books = sync_late_payment(books, payment, cause)
    books = sync_refunded_subscription(books, payment.subscription_id, cause)
    return _sync_sale(books, payment, cause)


def _sync_sale(books: Books, payment: Payment, cause: EventBase) -> Books:
    """Mark a sale refunded while its own payment is gone in full, and sync its shipment.

    When a refund fails, the mark is taken off again; what was stopped for it stays stopped. A renewal that goes back
    leaves the sale as it is: what it paid for was delivered.
    """
    sale = books.sale(SaleId(payment.id))
    if sale is None:
        return books
    gone = payment.gone_in_full
    if gone is not sale.refunded:
        sale = sale.refunded_in_full(back=gone)
        books = add_entry(
            books.with_sale(sale),
            cause,
            f"sale.{sale.status.value}",
            "the money is gone" if gone else "the money is not gone after all",
            about=sale.id,
            sale_id=sale.id,
        )
    return ship_if_due(sync_withdrawal(books, sale, cause), sale.id, cause)
