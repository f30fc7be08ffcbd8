"""Shipment sync: ships settled devices, holds them in doubt, cancels them when the money is gone."""

import msgspec

from billing_worker.rules.shipment_cases import sync_shipment_cases
from billing_worker.rules.shipment_doubts import held_because, is_gone
from billing_worker.rules.shipment_instructions import instruction
from billing_worker.rules.timeline import add_entry
from egpay.domain.books import Books
from egpay.domain.events import EventBase
from egpay.domain.misfit import Misfit
from egpay.domain.payment import Payment
from egpay.domain.sale import Sale
from egpay.domain.shipment import Shipment
from egpay.domain.values import SaleId


def ship_if_due(books: Books, sale_id: SaleId, cause: EventBase, *, misfit: Misfit | None = None) -> Books:
    """Bring the shipment of a sale in line with its money.

    Due once per sale, when its own session or first invoice is settled, with money or because none was due: never for
    a renewal or a delayed payment that has not arrived. Money that is gone in full and a cancelled sale cancel what
    has not left; a doubt holds it.
    """
    sale, payment, known = books.sale(sale_id), books.payment(sale_id), books.shipment(sale_id)
    if sale is None or payment is None or not sale.device_quantity:
        return books
    if known is None and not sale.paid:
        return books
    before = known or Shipment(sale_id=sale_id)
    if misfit is not None:
        known_misfit = before.misfit or misfit
        before = msgspec.structs.replace(before, misfit=known_misfit.reported(misfit))
    books = bring_in_line(books, before, cause)
    return sync_shipment_cases(books, sale_id, cause)


def bring_in_line(
    books: Books, changed: Shipment, cause: EventBase, *, before: Shipment | None = None
) -> Books:
    """Store a changed shipment, with what follows from its money and the instruction to the warehouse.

    `before` is what the warehouse was told last, where the change itself is to be told.
    """
    sale, payment = books.sale(changed.sale_id), books.payment(changed.sale_id)
    if sale is None or payment is None:
        return books
    known, after = books.shipment(changed.sale_id), _in_line(books, changed, sale, payment)
    command = instruction(before or changed, after, cause)
    if command:
        after = after.changed(asked=True, revision=command.revision)
    if after == known:
        return books
    books = books.with_shipment(after)
    if known is None or (not after.dispatched and _shown(after) != _shown(known)):
        what = f"shipment is {after.status.value}" + (f": {after.reason}" if after.reason else "")
        books = add_entry(books, cause, f"shipment.{after.status.value}", what, about=after.sale_id)
    return books.with_commands(command) if command else books


def _shown(shipment: Shipment) -> tuple[str, str | None, int]:
    return shipment.status, shipment.reason, shipment.attempt


def _in_line(books: Books, shipment: Shipment, sale: Sale, payment: Payment) -> Shipment:
    if shipment.cancelled or sale.cancelled or is_gone(shipment, payment):
        known = shipment.reason if shipment.cancelled else None
        because = "the sale was cancelled" if sale.cancelled else known or "the money went back"
        return shipment.changed(cancelled=True, held=False, reason=because)
    reason = held_because(books, shipment, payment)
    return shipment.changed(held=reason is not None, reason=reason)
