"""Letters: says what is to be written to people after an event, from what changed in the books.

One place for every event: it compares the records before and after, so that whichever event brought a fact, and
whichever came last, the letter about it is asked for under one key. Whether it is still true is looked up when it is
sent. A failed payment and a failed renewal are asked for by their own reactions, because no record holds them.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from egpay.domain.books import Books
from egpay.domain.commands import SendLetter
from egpay.domain.events import EventBase
from egpay.domain.letters import LetterKind, letter_key, refund_key, told_back
from egpay.domain.parcel_letters import parcel_fact, parcel_letters
from egpay.domain.payment import Payment
from egpay.domain.sale import Sale, SaleStatus
from egpay.domain.shipment import Shipment
from egpay.domain.subscription import Subscription


def announce_changes(before: Books, after: Books, cause: EventBase) -> Books:
    """Add the letters about what this event changed; the same books when it changed nothing that people hear of."""
    written, letters = after.written, list[SendLetter]()
    for sale in written.sales.values():
        letters += _of_sale(before.sale(sale.id), sale, cause)
    for shipment in written.shipments.values():
        letters += _of_shipment(before.shipment(shipment.sale_id), shipment, cause)
    for payment in written.payments.values():
        letters += _of_payment(before.payment(payment.id), payment, cause)
    for known in written.subscriptions.values():
        letters += _of_subscription(before.subscription(known.id), known, cause)
    return after.with_commands(*letters) if letters else after


def _of_sale(before: Sale | None, sale: Sale, cause: EventBase) -> Iterator[SendLetter]:
    """Confirmed once settled; pending while a delayed payment of its page is under way."""
    if before is None or before.status is sale.status:
        return
    if sale.status is SaleStatus.PAID and not before.paid:
        yield _letter(LetterKind.ORDER_CONFIRMATION, cause, {"sale": sale.id}, sale_id=sale.id)
    elif sale.status is SaleStatus.AWAITING_PAYMENT and sale.checkout_session_id:
        fact = {"session": sale.checkout_session_id}
        yield _letter(LetterKind.PAYMENT_PENDING, cause, fact, sale_id=sale.id)


def _of_shipment(before: Shipment | None, shipment: Shipment, cause: EventBase) -> Iterator[SendLetter]:
    """One letter for each thing that becomes true of a parcel and that the buyer must hear of."""
    known = parcel_letters(before) if before else {}
    for name, kind in parcel_letters(shipment).items():
        if known.get(name) is not kind:
            fact = {"parcel": parcel_fact(shipment, name)}
            yield _letter(kind, cause, fact, sale_id=shipment.sale_id, parcel=name or None)


def _of_payment(before: Payment | None, payment: Payment, cause: EventBase) -> Iterator[SendLetter]:
    """One letter for each sum that was given back in all; money that comes back to us needs none."""
    told = told_back(payment)
    if told > (told_back(before) if before else 0):
        yield SendLetter(
            id=refund_key(payment),
            kind=LetterKind.REFUNDED,
            occurred_at=cause.occurred_at,
            source=cause.source,
            sale_id=payment.sale_id,
            payment_id=payment.id,
            amount=told,
        )


def _of_subscription(
    before: Subscription | None, known: Subscription, cause: EventBase
) -> Iterator[SendLetter]:
    """Its end, set or come, once it has an account; an adopted one is old, so what was true before is no news."""
    had_account = before is not None and before.welcomed
    if not known.welcomed or (known.adopted and not had_account):
        return
    about = {"sale_id": known.sale_id, "subscription_id": known.id}
    if known.ended:
        if before is None or not before.ended:
            yield _letter(LetterKind.SUBSCRIPTION_ENDED, cause, {"subscription": known.id}, **about)
    elif known.cancel_at and not (had_account and before and before.cancel_at == known.cancel_at):
        fact = {"subscription": known.id, "end": _second(known.cancel_at)}
        yield _letter(LetterKind.SUBSCRIPTION_WILL_END, cause, fact, **about, ends_at=known.cancel_at)


def _second(at: datetime) -> int:
    return int(at.timestamp())


def _letter(kind: LetterKind, cause: EventBase, fact: Mapping[str, Any], **about: Any) -> SendLetter:
    return SendLetter(
        id=letter_key(kind, **fact), kind=kind, occurred_at=cause.occurred_at, source=cause.source, **about
    )
