"""Shipment acts: what a person decides about devices: to have them sent again, or fewer, or all in spite of a doubt."""

from collections.abc import Mapping

import msgspec

from billing_worker.rules.shipment_cases import sync_shipment_cases
from billing_worker.rules.shipment_sync import bring_in_line
from billing_worker.rules.timeline import add_entry
from egpay.domain.books import Books
from egpay.domain.commands import ChangeShipment
from egpay.domain.errors import Defect
from egpay.domain.events import EventBase
from egpay.domain.shipment import Shipment, ShipmentStatus
from egpay.domain.values import MessageId, ProductId, SaleId

_OVER = frozenset({ShipmentStatus.FAILED, ShipmentStatus.RETURNED, ShipmentStatus.CANCELLED})


def ship_again(books: Books, sale_id: SaleId, cause: EventBase) -> Books:
    """Begin a new attempt, with a key of its own, of what failed, came back or was cancelled.

    Raises Defect when it is on its way, or when its money is gone. A doubt holds the new attempt as it held the first.
    """
    shipment, payment, sale = _known(books, sale_id), books.payment(sale_id), books.sale(sale_id)
    if shipment.status not in _OVER:
        raise Defect(
            f"the shipment of sale {sale_id} is {shipment.status.value}: there is nothing to send again"
        )
    if sale is None or sale.cancelled or payment is None or payment.gone_in_full:
        raise Defect(f"the money of sale {sale_id} is gone: nothing is sent again")
    books = bring_in_line(books, shipment.again(cause.occurred_at), cause)
    return sync_shipment_cases(books, sale_id, cause)


def shorten_shipment(
    books: Books, sale_id: SaleId, items: Mapping[ProductId, int], cause: EventBase, *, refund: int = 0
) -> Books:
    """Ship only these quantities, because `refund` of the money went back for the others; it holds nothing then.

    Raises Defect once it left. When nothing remains it is cancelled.
    """
    before = _known(books, sale_id)
    if before.dispatched or before.cancelled:
        raise Defect(f"the shipment of sale {sale_id} is {before.status.value}: it cannot be changed")
    after = before.changed(
        items=dict(items),
        settled_refund=before.settled_refund + refund,
        cancelled=not any(items.values()),
        reason=None if any(items.values()) else "nothing of it remains to be sent",
    )
    if before.asked and not after.cancelled:
        command = _change(before, cause)
        after = after.changed(revision=command.revision)
        books = books.with_commands(command)
    left = ", ".join(f"{quantity} {product}" for product, quantity in sorted(items.items()) if quantity)
    books = add_entry(books, cause, "shipment.changed", f"to be sent: {left or 'nothing'}", about=sale_id)
    return sync_shipment_cases(bring_in_line(books, after, cause, before=before), sale_id, cause)


def release_shipment(books: Books, sale_id: SaleId, cause: EventBase) -> Books:
    """Let all devices leave though a part of the money went back, or the sum is not that of the order.

    More money that goes back, and a dispute, a warning and a review, hold it all the same. Raises Defect once it left.
    """
    before, payment = _known(books, sale_id), books.payment(sale_id)
    if before.dispatched or before.cancelled or payment is None:
        raise Defect(f"the shipment of sale {sale_id} is {before.status.value}: there is nothing to release")
    misfit = before.misfit and msgspec.structs.replace(before.misfit, accepted=True)
    after = before.changed(misfit=misfit, settled_refund=max(before.settled_refund, payment.amount_refunded))
    return sync_shipment_cases(bring_in_line(books, after, cause, before=before), sale_id, cause)


def _known(books: Books, sale_id: SaleId) -> Shipment:
    shipment = books.shipment(sale_id)
    if shipment is None:
        raise Defect(f"nothing was to be shipped for sale {sale_id}")
    return shipment


def _change(before: Shipment, cause: EventBase) -> ChangeShipment:
    return ChangeShipment(
        id=MessageId(f"change:{before.sale_id}:{before.revision + 1}"),
        occurred_at=cause.occurred_at,
        source=cause.source,
        sale_id=before.sale_id,
        revision=before.revision + 1,
    )
