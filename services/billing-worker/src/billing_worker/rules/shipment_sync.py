"""Shipment sync: ships settled devices, holds them in doubt, cancels them when the money is gone."""

from billing_worker.rules.timeline import add_entry
from egpay.domain.books import Books
from egpay.domain.commands import (
    CancelShipment,
    HoldShipment,
    ReleaseShipment,
    ShipDevices,
    WarehouseInstruction,
)
from egpay.domain.events import EventBase
from egpay.domain.payment import Payment
from egpay.domain.sale import Sale
from egpay.domain.shipment import Shipment
from egpay.domain.values import MessageId, SaleId


def ship_if_due(books: Books, sale_id: SaleId, cause: EventBase) -> Books:
    """Bring the shipment of a sale in line with its money.

    Once per sale, when the sale's own payment brought money: never for a renewal, a $0 invoice or a delayed payment
    that has not arrived. Money that is gone in full cancels what has not left; an open dispute, an actionable fraud
    warning and an open review hold it.
    """
    sale, payment, known = books.sale(sale_id), books.payment(sale_id), books.shipment(sale_id)
    if sale is None or payment is None or not sale.device_quantity:
        return books
    if known is None and not (sale.paid and payment.amount):
        return books
    before = known or Shipment(sale_id=sale_id)
    after = _in_line(before, sale, payment)
    command = _command(before, after, cause)
    if command:
        after = after.changed(asked=True, revision=command.revision)
    if after == known:
        return books
    what = f"shipment is {after.status.value}" + (f": {after.reason}" if after.reason else "")
    books = add_entry(
        books.with_shipment(after), cause, f"shipment.{after.status.value}", what, about=sale_id
    )
    return books.with_commands(command) if command else books


def _in_line(shipment: Shipment, sale: Sale, payment: Payment) -> Shipment:
    gone = payment.was_gone_in_full or payment.refunded_as_fraud or sale.refunded or sale.cancelled
    if shipment.cancelled or gone:
        return shipment.changed(cancelled=True, held=False, reason="the money went back")
    reason = _held_because(payment)
    return shipment.changed(held=reason is not None, reason=reason)


def _held_because(payment: Payment) -> str | None:
    doubts = (
        (payment.in_doubt, "the payment is disputed"),
        (payment.warned, "the card's issuer warns of fraud"),
        (payment.under_review, "the payment is under review"),
        (payment.currency_is_unclear, "what went back is in another currency"),
    )
    return next((reason for holds, reason in doubts if holds), None)


def _command(before: Shipment, after: Shipment, cause: EventBase) -> WarehouseInstruction | None:
    """Build the instruction to the warehouse under the next revision, because commands run in any order."""
    found = None if before.dispatched else _instruction(before, after, cause)
    if found is None:
        return None
    kind, key = found
    return kind(
        id=MessageId(key),
        occurred_at=cause.occurred_at,
        source=cause.source,
        sale_id=before.sale_id,
        revision=before.revision + 1,
    )


def _instruction(
    before: Shipment, after: Shipment, cause: EventBase
) -> tuple[type[WarehouseInstruction], str] | None:
    sale_id = before.sale_id
    if not before.asked:
        return None if after.held or after.cancelled else (ShipDevices, f"ship:{sale_id}")
    if after.cancelled and not before.cancelled:
        return CancelShipment, f"cancel:{sale_id}"
    if after.held is before.held:
        return None
    if after.held:
        return HoldShipment, f"hold:{sale_id}:{cause.id}"
    return ReleaseShipment, f"release:{sale_id}:{cause.id}"
