"""Shipment acts: what an operator decides about devices: sent again, fewer, elsewhere, held, or sent all the same."""

from collections.abc import Mapping

import msgspec

from billing_worker.rules.acts import doubt_act, record_act
from billing_worker.rules.shipment_cases import sync_shipment_cases
from billing_worker.rules.shipment_doubts import held_because
from billing_worker.rules.shipment_sync import bring_in_line
from billing_worker.rules.timeline import add_entry
from egpay.domain.acts import ImpossibleAct
from egpay.domain.books import Books
from egpay.domain.commands import ChangeShipment
from egpay.domain.events import EventBase, ShipmentHeld, ShipmentReleased, ShipmentRepeated
from egpay.domain.shipment import Shipment, ShipmentStatus
from egpay.domain.values import MessageId, ProductId, SaleId

OVER = frozenset({ShipmentStatus.FAILED, ShipmentStatus.RETURNED, ShipmentStatus.CANCELLED})
"""An attempt that is at its end and may be followed by another."""
LEFT = "its devices have left: what has left cannot be held, released or sent elsewhere"
STOPPED = "its devices stay: the shipment was cancelled"


def ship_again(books: Books, event: ShipmentRepeated) -> Books:
    """Begin a new attempt, with a key of its own, of what failed, came back or was cancelled.

    Raises ImpossibleAct when it is on its way, was sent again since, or when its money is gone. A doubt holds the new
    attempt as it held the first; that an operator held it before is over.
    """
    sale_id = _sale_of(event)
    shipment, payment, sale = known_shipment(books, sale_id), books.payment(sale_id), books.sale(sale_id)
    if shipment.attempt >= event.attempt:
        raise ImpossibleAct(
            f"the devices of sale {sale_id} were sent again already: attempt {shipment.attempt}"
        )
    if sale is None or sale.cancelled or payment is None or payment.gone_in_full:
        raise ImpossibleAct(f"sale {sale_id} is cancelled, or its money is gone: nothing is sent again")
    if shipment.status not in OVER:
        raise ImpossibleAct(
            f"the shipment of sale {sale_id} is {shipment.status.value}: nothing to send again"
        )
    if shipment.items is not None and not any(shipment.items.values()):
        raise ImpossibleAct(f"every device of sale {sale_id} was given back by line: none is left to send")
    books = record_act(books, event, "shipment.repeated", f"attempt {event.attempt} to ship was ordered")
    again = shipment.again(event.occurred_at)
    if again.held_by_person:
        again = again.decided(held=False, at=event.occurred_at)
    return sync_shipment_cases(bring_in_line(books, again, event), sale_id, event)


def shorten_shipment(
    books: Books, sale_id: SaleId, items: Mapping[ProductId, int], cause: EventBase, *, refund: int = 0
) -> Books:
    """Ship only these quantities, because `refund` of the money went back for the others; it holds nothing then.

    Raises ImpossibleAct once it left. When nothing remains it is cancelled.
    """
    before = known_shipment(books, sale_id)
    if before.dispatched or before.cancelled:
        raise ImpossibleAct(f"the shipment of sale {sale_id} is {before.status.value}: it cannot be changed")
    after = before.changed(
        items=dict(items),
        settled_refund=before.settled_refund + refund,
        cancelled=not any(items.values()),
        reason=None if any(items.values()) else "nothing of it remains to be sent",
    )
    if before.asked and not after.cancelled:
        command = change_instruction(before, cause)
        after = after.changed(revision=command.revision)
        books = books.with_commands(command)
    left = ", ".join(f"{quantity} {product}" for product, quantity in sorted(items.items()) if quantity)
    books = add_entry(books, cause, "shipment.changed", f"to be sent: {left or 'nothing'}", about=sale_id)
    return sync_shipment_cases(bring_in_line(books, after, cause, before=before), sale_id, cause)


def hold_shipment(books: Books, event: ShipmentHeld) -> Books:
    """Hold devices until an operator releases them; what has left goes on, and a rehearsal objects to that."""
    before = known_shipment(books, _sale_of(event))
    books = record_act(books, event, "shipment.held_by_person", "held")
    if reason := _over(before):
        books = doubt_act(books, event, reason)
    return bring_in_line(books, before.decided(held=True, at=event.occurred_at), event, before=before)


def release_shipment(books: Books, event: ShipmentReleased) -> Books:
    """Let all devices leave though an operator held them, a part of the money went back, or the sum is not the order's.

    It covers what its operator saw: more money that goes back, and a dispute, a warning and a review, hold them all the
    same. A rehearsal objects where nothing is held, where it has left, and where it would stay held.
    """
    before = known_shipment(books, _sale_of(event))
    misfit = before.misfit
    if misfit and event.misfit_accepted:
        misfit = msgspec.structs.replace(misfit, accepted=True)
    after = before.changed(misfit=misfit, settled_refund=max(before.settled_refund, event.settled_refund))
    after = after.decided(held=False, at=event.occurred_at)
    books = record_act(books, event, "shipment.released_by_person", "released")
    if reason := _over(before) or _not_held(before) or _stays_held(books, after):
        books = doubt_act(books, event, reason)
    books = bring_in_line(books, after, event, before=before)
    return sync_shipment_cases(books, after.sale_id, event)


def known_shipment(books: Books, sale_id: SaleId) -> Shipment:
    """The shipment of a sale; raises ImpossibleAct when nothing is to be shipped for it."""
    shipment = books.shipment(sale_id)
    if shipment is None:
        raise ImpossibleAct(f"nothing is to be shipped for sale {sale_id}, or it is not paid yet")
    return shipment


def change_instruction(before: Shipment, cause: EventBase) -> ChangeShipment:
    """Tell the warehouse under the next revision what it is to send now, and where to."""
    return ChangeShipment(
        id=MessageId(f"change:{before.sale_id}:{before.revision + 1}"),
        occurred_at=cause.occurred_at,
        source=cause.source,
        sale_id=before.sale_id,
        revision=before.revision + 1,
    )


def _over(shipment: Shipment) -> str | None:
    if shipment.dispatched:
        return LEFT
    return STOPPED if shipment.cancelled else None


def _not_held(shipment: Shipment) -> str | None:
    return None if shipment.held else "nothing holds its devices"


def _stays_held(books: Books, shipment: Shipment) -> str | None:
    payment = books.payment(shipment.sale_id)
    reason = held_because(books, shipment, payment) if payment else None
    return f"its devices stay held: {reason}" if reason else None


def _sale_of(event: EventBase) -> SaleId:
    if event.sale_id is None:
        raise ImpossibleAct("it names no sale")
    return event.sale_id
