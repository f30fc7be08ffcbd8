"""Devices leave when their money is settled, wait while it is in doubt, and stay when it is gone."""

from billing_worker.consequences.entries import noting
from egpay.domain.books import Books
from egpay.domain.commands import CancelShipment, HoldShipment, ReleaseShipment, ShipDevices
from egpay.domain.events import Fact
from egpay.domain.payment import Payment
from egpay.domain.sale import Sale
from egpay.domain.shipment import Shipment
from egpay.domain.values import MessageId, SaleId

ShipmentCommand = ShipDevices | HoldShipment | ReleaseShipment | CancelShipment


def ship_if_due(books: Books, sale_id: SaleId, because: Fact) -> Books:
    """Bring the shipment of a sale in line with its money.

    Once per sale, when the sale's own payment brought money: never for a renewal, a $0 invoice or a delayed payment
    that has not arrived. A refund in full or a lost dispute cancels what has not left; an open dispute holds it.
    """
    sale, payment, known = books.sale(sale_id), books.payment(sale_id), books.shipment(sale_id)
    if sale is None or payment is None or not sale.device_quantity:
        return books
    if known is None and not (sale.paid and payment.amount):
        return books
    before = known or Shipment(sale_id=sale_id)
    after = _in_line(before, sale, payment)
    command = _command(before, after, because)
    if isinstance(command, ShipDevices):
        after = after.changed(asked=True)
    if after == known:
        return books
    what = f"shipment is {after.status.value}" + (f": {after.reason}" if after.reason else "")
    books = noting(books.with_shipment(after), because, f"shipment.{after.status.value}", what, about=sale_id)
    return books.wanting(command) if command else books


def _in_line(shipment: Shipment, sale: Sale, payment: Payment) -> Shipment:
    gone = payment.given_back or sale.refunded or sale.cancelled
    if shipment.cancelled or gone:
        return shipment.changed(cancelled=True, held=False, reason="the money went back")
    held = payment.in_doubt
    return shipment.changed(held=held, reason="the payment is disputed" if held else None)


def _command(before: Shipment, after: Shipment, because: Fact) -> ShipmentCommand | None:
    sale_id, at, source = before.sale_id, because.occurred_at, because.source
    if before.dispatched:
        return None
    if not before.asked:
        if after.held or after.cancelled:
            return None
        return ShipDevices(id=MessageId(f"ship:{sale_id}"), occurred_at=at, source=source, sale_id=sale_id)
    if after.cancelled and not before.cancelled:
        return CancelShipment(
            id=MessageId(f"cancel:{sale_id}"), occurred_at=at, source=source, sale_id=sale_id
        )
    if after.held is before.held:
        return None
    kind, word = (HoldShipment, "hold") if after.held else (ReleaseShipment, "release")
    key = MessageId(f"{word}:{sale_id}:{because.id}")
    return kind(id=key, occurred_at=at, source=source, sale_id=sale_id)
