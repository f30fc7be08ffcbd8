"""Shipment cases: what a person has to decide about devices that cannot leave, came back, are lost or not paid for."""

from collections.abc import Callable, Iterator
from functools import partial

from billing_worker.rules.cases import state_case, sync_case
from billing_worker.rules.shipment_doubts import does_not_fit, holds_for_a_part
from egpay.domain.books import Books
from egpay.domain.case import Case, CaseKind, case_id
from egpay.domain.currencies import shown
from egpay.domain.events import EventBase
from egpay.domain.misfit import Misfit, MisfitKind
from egpay.domain.parcels import Progress, SentParcel
from egpay.domain.payment import Payment
from egpay.domain.sale import Sale
from egpay.domain.shipment import Shipment, ShipmentStatus
from egpay.domain.values import SaleId

_ON_ITS_WAY = frozenset({Progress.SHIPPED, Progress.DELIVERED})
_UNDISTURBED = frozenset(
    {
        ShipmentStatus.REQUESTED,
        ShipmentStatus.ACCEPTED,
        ShipmentStatus.SHIPPED,
        ShipmentStatus.DELIVERED,
    }
)


def sync_shipment_cases(books: Books, sale_id: SaleId, cause: EventBase) -> Books:
    """Bring every case about the devices of a sale in line with their parcels and their money."""
    sale, payment, shipment = books.sale(sale_id), books.payment(sale_id), books.shipment(sale_id)
    if sale is None or payment is None or shipment is None:
        return books
    if not (books.loaded.cases or books.written.cases) and _goes_its_way(sale, payment, shipment):
        return books
    for name, stands, build in _reasons(books, sale, payment, shipment, cause):
        if stands or books.case(name):
            books = sync_case(books, build(), stands=stands, cause=cause)
    return books


def _goes_its_way(sale: Sale, payment: Payment, shipment: Shipment) -> bool:
    """Whether no reason can stand, so that the hot path of a purchase need not look at each."""
    undisturbed = shipment.status in _UNDISTURBED and shipment.misfit is None and not sale.cancelled
    return undisturbed and payment.is_whole


def _reasons(
    books: Books, sale: Sale, payment: Payment, shipment: Shipment, cause: EventBase
) -> Iterator[tuple[str, bool, Callable[[], Case]]]:
    """Each case by its id, whether its reason stands, and how it is stated, which few sales need."""
    ours = not (payment.gone_in_full or sale.cancelled)
    yield (
        case_id(CaseKind.NOT_SHIPPED, sale.id),
        ours and _cannot_leave(shipment),
        partial(_not_shipped, shipment, cause),
    )
    for kind, place, what in (
        (CaseKind.PARCEL_BACK, Progress.RETURNED, "came back to the warehouse"),
        (CaseKind.PARCEL_LOST, Progress.FAILED, "left and did not arrive"),
    ):
        parcels = [one for one in shipment.sent if one.left_at and one.progress is place]
        build = partial(_parcels, kind, shipment, parcels, what, cause)
        yield case_id(kind, sale.id), ours and bool(parcels), build
    yield (
        case_id(CaseKind.RETURN, sale.id),
        (payment.gone_in_full or sale.cancelled) and _is_at_the_buyers(shipment),
        partial(_return, shipment, payment, cause),
    )
    yield (
        case_id(CaseKind.PAID_NOT_SHIPPED, sale.id),
        ours and _was_stopped(shipment, payment),
        partial(_paid_not_shipped, shipment, payment, cause),
    )
    waits = not (shipment.dispatched or shipment.cancelled)
    yield (
        case_id(CaseKind.PART_REFUNDED, sale.id),
        waits and holds_for_a_part(books, shipment, payment),
        partial(_part_refunded, payment, cause),
    )
    if (misfit := shipment.misfit) is not None:
        case = _misfit(sale, misfit, payment, cause)
        yield case.id, ours and does_not_fit(shipment), lambda: case


def _cannot_leave(shipment: Shipment) -> bool:
    unsent = any(one.progress is Progress.FAILED for one in shipment.sent if not one.left_at)
    return shipment.status is ShipmentStatus.FAILED and (unsent or not shipment.dispatched)


def _is_at_the_buyers(shipment: Shipment) -> bool:
    """Whether something of it is with the buyer or on its way; what came back or is lost need not be asked for."""
    parcels = [one for one in shipment.all_parcels if one.left_at]
    return any(one.progress in _ON_ITS_WAY for one in parcels) or (shipment.dispatched and not parcels)


def _was_stopped(shipment: Shipment, payment: Payment) -> bool:
    """Whether it was cancelled for money that is ours again; while a dispute is open the bank decides first.

    A refund that is heard of before an earlier one failed makes it look as if all was gone, which it never was: what
    was cancelled for that is asked about too.
    """
    if not shipment.cancelled or shipment.dispatched or payment.in_doubt:
        return False
    by_person = shipment.items is not None and not any(shipment.items.values())
    return payment.was_gone_in_full or not (by_person or payment.refunded_as_fraud)


def _not_shipped(shipment: Shipment, cause: EventBase) -> Case:
    failed = [one.failed_at for one in shipment.sent if one.failed_at and not one.left_at]
    return state_case(
        CaseKind.NOT_SHIPPED,
        shipment.sale_id,
        subject=shipment.sale_id,
        what="the warehouse cannot send what is paid",
        opened_at=max(failed, default=cause.occurred_at),
        sale_id=shipment.sale_id,
        about=(f"attempt {shipment.attempt}",),
    )


def _parcels(
    kind: CaseKind, shipment: Shipment, parcels: list[SentParcel], what: str, cause: EventBase
) -> Case:
    names = [one.number or "" for one in parcels]
    which = " and ".join(f"parcel {name}" if name else "the parcel" for name in names) or "a parcel"
    times = [at for one in parcels for at in (one.failed_at, one.returned_at) if at]
    return state_case(
        kind,
        shipment.sale_id,
        subject=shipment.sale_id,
        what=f"{which} {what}",
        opened_at=min(times, default=cause.occurred_at),
        sale_id=shipment.sale_id,
        about=tuple(f"attempt {one.attempt}: {one.number or 'parcel'}" for one in parcels),
    )


def _return(shipment: Shipment, payment: Payment, cause: EventBase) -> Case:
    gone = payment.gone_in_full
    return state_case(
        CaseKind.RETURN,
        shipment.sale_id,
        subject=shipment.sale_id,
        what=f"the {'money went back' if gone else 'sale was cancelled'} after the devices had left",
        opened_at=cause.occurred_at,
        sale_id=shipment.sale_id,
    )


def _paid_not_shipped(shipment: Shipment, payment: Payment, cause: EventBase) -> Case:
    return state_case(
        CaseKind.PAID_NOT_SHIPPED,
        shipment.sale_id,
        subject=shipment.sale_id,
        what="the money is ours again, and the shipment was cancelled meanwhile",
        opened_at=cause.occurred_at,
        sale_id=shipment.sale_id,
        weight=payment.amount - payment.gone,
        about=(f"attempt {shipment.attempt}",),
    )


def _part_refunded(payment: Payment, cause: EventBase) -> Case:
    back = shown(payment.amount_refunded, payment.currency)
    return state_case(
        CaseKind.PART_REFUNDED,
        payment.id,
        subject=payment.id,
        what=f"{back} of {shown(payment.amount, payment.currency)} went back before the devices left",
        opened_at=cause.occurred_at,
        sale_id=SaleId(payment.id),
        weight=payment.amount_refunded,
    )


def _misfit(sale: Sale, misfit: Misfit, payment: Payment, cause: EventBase) -> Case:
    is_currency = misfit.kind is MisfitKind.CURRENCY
    asked, ordered = shown(misfit.subtotal, misfit.currency), shown(sale.total, sale.currency)
    what = f"{asked} was asked for an order of {ordered}"
    if misfit.kind is MisfitKind.CREDIT:
        what = f"a credit note settled {shown(misfit.credited, misfit.currency)} of the order, and not money"
    return state_case(
        CaseKind.CURRENCY if is_currency else CaseKind.AMOUNT,
        f"{sale.id}:order" if is_currency else sale.id,
        subject=sale.id,
        what=what,
        opened_at=payment.paid_at or cause.occurred_at,
        sale_id=sale.id,
        about=(asked,),
    )
