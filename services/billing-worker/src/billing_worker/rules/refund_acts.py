"""Refund acts: what an operator may give back, by amount or by line, and what becomes of the devices meanwhile.

Never more than was paid, less what is gone and what was asked for before. By line and quantity it is their share of
what was paid, and what has not left is shortened by them; `goodwill` is money alone, and everything ships. A refund that
does not say which devices it is for holds them until the provider reports it; then the rules of any refund apply.
"""

from collections.abc import Mapping
from datetime import datetime

from billing_worker.rules.refund_sync import sync_money
from billing_worker.rules.shipment_acts import shorten_shipment
from egpay.domain.acts import ImpossibleAct
from egpay.domain.books import Books
from egpay.domain.commands import RefundPayment
from egpay.domain.credits import InvoiceStatus
from egpay.domain.currencies import CURRENCIES, Currency, shown
from egpay.domain.events import EventBase
from egpay.domain.payment import Payment
from egpay.domain.refund_requests import RefundRequest, RefundTerms, price_of
from egpay.domain.shipment import Shipment
from egpay.domain.values import MessageId, ProductId, SaleId

BARRED = "charge_disputed"
"""Stripe's code for a refund of what is disputed, which is also ours where we hear of the dispute first."""


def request_refund(
    books: Books,
    payment: Payment,
    terms: RefundTerms,
    act: MessageId,
    cause: EventBase,
    *,
    at: datetime | None = None,
) -> Books:
    """Store what the act asks for, shorten the parcel by its lines, and ask the provider, once for each act.

    `at` is when it was asked for, where that is not the time of the cause.

    Raises ImpossibleAct when it cannot be given back, with what to do instead.
    """
    if act in payment.refund_requests:
        return books
    amount = amount_of(books, payment, terms, act)
    request = RefundRequest(
        amount=amount,
        requested_at=at or cause.occurred_at,
        lines=dict(terms.lines),
        goodwill=terms.goodwill,
    )
    after = payment.with_refund_request(act, request)
    books = sync_money(books, payment, after, cause)
    books = _shorten(books, after, terms, cause)
    return books.with_commands(_command(after, amount, act, cause))


def _command(payment: Payment, amount: int, act: MessageId, cause: EventBase) -> RefundPayment:
    return RefundPayment(
        id=MessageId(f"refund:{act}"),
        occurred_at=cause.occurred_at,
        source=cause.source,
        sale_id=payment.sale_id,
        act=act,
        payment_id=payment.id,
        amount=amount,
        currency=payment.currency or "",
        payment_intent_id=payment.payment_intent_id,
        invoice_id=payment.invoice_id,
    )


def amount_of(books: Books, payment: Payment, terms: RefundTerms, act: MessageId) -> int:
    """The amount that an act gives back; raises ImpossibleAct when it cannot be."""
    _check_payment(payment)
    answer = payment.answer_to(act)
    # Its own refund is reported before it only where a message was replayed.
    left = payment.refundable + (answer.amount if answer and answer.counts else 0)
    if not left:
        raise ImpossibleAct(f"nothing is left to give back: {_taken(payment)}")
    amount = _price(books, payment, terms) if terms.lines else terms.amount
    wanted = left if amount is None else amount
    if wanted > left:
        raise ImpossibleAct(
            f"{_shown(wanted, payment)} is more than the {_shown(left, payment)} left: {_taken(payment)}"
        )
    if wanted <= 0:
        raise ImpossibleAct("that costs nothing, so nothing of it goes back")
    if terms.goodwill and wanted == left:
        raise ImpossibleAct("goodwill is a part: to give back all that is left, leave out --goodwill")
    return wanted


def barred_by_dispute(payment: Payment) -> str | None:
    """Why an open dispute bars a refund; None if none does."""
    dispute = next((one for one in payment.disputes.values() if one.bars_refunds), None)
    if dispute is None:
        return None
    return (
        f"dispute {dispute.id} is {dispute.status}: accept it, or answer it with evidence at Stripe;"
        " give nothing back another way, or the buyer has the money twice"
    )


def barred_request(
    books: Books, payment: Payment, terms: RefundTerms, act: MessageId, cause: EventBase
) -> RefundRequest:
    """Build the request of an act as the provider would have refused it, had it been heard of before the dispute.

    Raises ImpossibleAct where it could not have been asked for. So either order ends alike.
    """
    return RefundRequest(
        amount=amount_of(books, payment, terms, act),
        requested_at=cause.occurred_at,
        lines=dict(terms.lines),
        goodwill=terms.goodwill,
        refusal=BARRED,
    )


def _check_payment(payment: Payment) -> None:
    if payment.paid_at is None or not payment.amount or payment.currency is None:
        raise ImpossibleAct("nothing was paid, so nothing goes back; cancel the sale instead")
    if payment.invoice_status is InvoiceStatus.PAID_OUT_OF_BAND:
        raise ImpossibleAct(
            "it was paid outside of Stripe: give it back the same way, and note it with a credit note"
        )
    if payment.currency_is_unclear:
        raise ImpossibleAct(
            "a part went back in another currency: refund the rest at Stripe, where both are shown"
        )


def _price(books: Books, payment: Payment, terms: RefundTerms) -> int:
    if payment.id != payment.sale_id:
        raise ImpossibleAct("lines are of the order's own payment: give back an amount of this one")
    before, sale = payment.lines_back, books.sale(SaleId(payment.id))
    ordered = {one.product: one.quantity for one in terms.ordered}
    for product, quantity in terms.lines.items():
        if product not in ordered:
            raise ImpossibleAct(f"the order has no {product}; it has {', '.join(sorted(ordered))}")
        left = ordered[product] - before.get(product, 0)
        if quantity < 1 or quantity > left:
            raise ImpossibleAct(f"{quantity} {product} cannot go back: {left} of {ordered[product]} are left")
    shipping = sale.totals.shipping if sale and sale.totals else 0
    step = CURRENCIES.get(payment.currency or "", Currency()).step
    return price_of(terms.ordered, before, terms.lines, paid=payment.amount, shipping=shipping, step=step)


def _shorten(books: Books, payment: Payment, terms: RefundTerms, cause: EventBase) -> Books:
    """Take the devices of its lines out of a parcel that has not left; after that it is money alone."""
    shipment = books.shipment(SaleId(payment.id))
    devices = {one.product: one.quantity for one in terms.ordered if one.device}
    if terms.goodwill or devices.keys().isdisjoint(terms.lines):
        return books
    if shipment is None:
        return books
    remaining = _remaining(devices, payment, shipment)
    if shipment.dispatched or shipment.cancelled:  # a parcel that is sent again has no more than these
        return books.with_shipment(shipment.changed(items=remaining))
    return shorten_shipment(books, shipment.sale_id, remaining, cause)


def _remaining(
    devices: Mapping[ProductId, int], payment: Payment, shipment: Shipment
) -> dict[ProductId, int]:
    """The devices of the order without those whose money goes back by line, but for goodwill.

    What a request took out that was refused, or whose refund came back, stays out; asked for once more, it takes out
    nothing further.
    """
    back: dict[ProductId, int] = {}
    for one in filter(None, map(payment.holding_request, payment.refund_requests)):
        for product, quantity in one.lines.items():
            back[product] = back.get(product, 0) + (0 if one.goodwill else quantity)
    left = {product: max(0, quantity - back.get(product, 0)) for product, quantity in devices.items()}
    before = shipment.items or {}
    return {product: min(quantity, before.get(product, quantity)) for product, quantity in left.items()}


def _taken(payment: Payment) -> str:
    asked = [act for act in payment.refund_requests if payment.is_pending(act)]
    parts = [f"{_shown(payment.amount, payment)} paid", f"{_shown(payment.gone, payment)} gone"]
    if asked:
        parts.append(f"{_shown(payment.requested, payment)} asked for by {' and '.join(asked)}")
    return ", ".join(parts)


def _shown(amount: int, payment: Payment) -> str:
    return shown(amount, payment.currency)
