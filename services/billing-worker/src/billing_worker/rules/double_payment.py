"""Double payment: settles the one payment of a sale; a second one has a row of its own, and a case."""

from datetime import datetime

import msgspec

from billing_worker.rules.cases import state_case, sync_case
from egpay.domain.books import Books
from egpay.domain.case import Case, CaseCloser, CaseKind, case_id
from egpay.domain.credits import InvoiceStatus
from egpay.domain.events import CheckoutCompleted, EventBase, InvoicePaid
from egpay.domain.payment import Payment
from egpay.domain.values import SaleId

Settling = CheckoutCompleted | InvoicePaid


def settle_sale(books: Books, sale_id: SaleId, cause: Settling, *, counts: bool) -> Books:
    """Settle the payment of a sale, whichever event shows it: a session and the invoice it makes are one payment.

    Where money came under other ids before, the sale was paid twice. The payment of the page that `counts` stays the
    sale's; the other gets its row, and a person gives it back. A subscription made again with our mark, at the
    provider, pays for itself: its first invoice is a payment of its own and no second one of the sale.
    """
    known = books.payment(sale_id) or Payment(id=sale_id, sale_id=sale_id)
    if not known.is_second_payment(invoice=cause.invoice_id, payment_intent=cause.payment_intent_id):
        return books.with_payment(_settled(known, cause, overwrite=counts))
    early = None
    if counts:
        early = _heard_as_second(books, sale_id, cause)
        second = _renamed(known, known.invoice_id or known.payment_intent_id or known.id)
        books = books.with_payment(second)
        own = _renamed(early, sale_id) if early else Payment(id=sale_id, sale_id=sale_id)
        books = books.with_payment(_settled(own, cause, overwrite=True))
        books = books.with_payment(Payment(id=early.id, sale_id=sale_id)) if early else books
    else:
        name = cause.invoice_id or cause.payment_intent_id or sale_id
        second = _settled(books.payment(name) or Payment(id=name, sale_id=sale_id), cause, overwrite=False)
        books = books.with_payment(second)
    if isinstance(cause, InvoicePaid) and _is_of_another_subscription(known, cause):
        return books
    return _sync(books, sale_id, second, cause, own=early)


def _heard_as_second(books: Books, sale_id: SaleId, cause: Settling) -> Payment | None:
    """The payment of the page that counts, where its invoice came before the page and made it look like a second one."""
    name = cause.invoice_id or cause.payment_intent_id
    known = books.payment(name) if name else None
    return known if known and known.sale_id == sale_id else None


def sync_second_payment(books: Books, payment: Payment, cause: EventBase) -> Books:
    """Sync the case of a sale that was paid twice with its second payment, which has a row of its own.

    A renewal of the same sale has one too, and is no second payment. A case of before its payments were stored is
    closed by the first of them that is gone, because it does not say which it is about.
    """
    sale_id = payment.sale_id
    if sale_id is None or payment.id == sale_id:
        return books
    known = books.case(case_id(CaseKind.PAID_TWICE, sale_id))
    if known is None:
        return books
    is_second = payment.id in known.about if known.about else payment.gone_in_full
    return _sync(books, sale_id, payment, cause) if is_second else books


def _sync(
    books: Books, sale_id: SaleId, second: Payment, cause: EventBase, *, own: Payment | None = None
) -> Books:
    """Keep the case open for every second payment that is not given back; what a rule closed has none left.

    One that turned out to be the sale's `own` is none of them, and what cost nothing need not go back.
    """
    known = books.case(case_id(CaseKind.PAID_TWICE, sale_id))
    others = set(known.about) if known and known.closed_by is not CaseCloser.RULE else set()
    owed = others - {second.id, own.id if own else None}
    if second.amount and not second.gone_in_full:
        owed |= {second.id}
    opened_at = known.opened_at if known and known.is_open else cause.occurred_at
    case = _case(sale_id, tuple(sorted(owed)), opened_at)
    return sync_case(books, case, stands=bool(owed), cause=cause)


def _is_of_another_subscription(known: Payment, cause: InvoicePaid) -> bool:
    return None not in (known.subscription_id, cause.subscription_id) and (
        known.subscription_id != cause.subscription_id
    )


def status_of(cause: InvoicePaid) -> InvoiceStatus:
    """How a paid invoice stands in the books."""
    return InvoiceStatus.PAID_OUT_OF_BAND if cause.out_of_band else InvoiceStatus.PAID


def _settled(payment: Payment, cause: Settling, *, overwrite: bool) -> Payment:
    by_invoice = isinstance(cause, InvoicePaid)
    payment = payment.settled(cause.amount, cause.currency, cause.occurred_at, by_invoice=by_invoice)
    if isinstance(cause, InvoicePaid):
        payment = payment.invoice_reached(status_of(cause))
    return payment.linked(
        subscription=cause.subscription_id,
        invoice=cause.invoice_id,
        payment_intent=cause.payment_intent_id,
        overwrite=overwrite,
    )


def _renamed(payment: Payment, name: str) -> Payment:
    """The payment under another id, with the rows that name it."""
    disputes = {key: msgspec.structs.replace(one, payment_id=name) for key, one in payment.disputes.items()}
    reviews = {key: msgspec.structs.replace(one, payment_id=name) for key, one in payment.reviews.items()}
    return msgspec.structs.replace(payment, id=name, disputes=disputes, reviews=reviews)


def _case(sale_id: SaleId, second: tuple[str, ...], opened_at: datetime) -> Case:
    return state_case(
        CaseKind.PAID_TWICE,
        sale_id,
        subject=sale_id,
        what="one sale was paid by two payments",
        opened_at=opened_at,
        sale_id=sale_id,
        about=second,
    )
