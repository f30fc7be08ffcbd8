"""Shipment reported by the warehouse: stores its progress and tracking, which buyer and operator see."""

from billing_worker.rules.refund_sync import ask_back_if_gone
from billing_worker.rules.subscription_link import require_sale
from billing_worker.rules.timeline import add_entry
from egpay.domain.books import Books
from egpay.domain.errors import Defect
from egpay.domain.events import ShipmentReported


def shipment_reported(event: ShipmentReported, books: Books) -> Books:
    """Store the furthest progress; tracking details are stored once and stay."""
    sale = require_sale(books, event)
    before = books.shipment(sale.id)
    if before is None:
        raise Defect(f"the warehouse reports on sale {sale.id}, for which nothing was to be shipped")
    after = before.changed(
        progress=max(event.progress, before.progress),
        carrier=before.carrier or event.carrier,
        tracking_number=before.tracking_number or event.tracking_number,
        tracking_url=before.tracking_url or event.tracking_url,
    )
    if after == before:
        return books
    kind, what = f"shipment.{after.status.value}", f"shipment is {after.status.value}"
    books = add_entry(books.with_shipment(after), event, kind, what, about=sale.id)
    payment = books.payment(sale.id)
    return ask_back_if_gone(books, payment, event) if payment else books
