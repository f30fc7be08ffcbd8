"""Shipment reported by the warehouse: stores its progress and tracking, which buyer and operator see."""

from billing_worker.rules.shipment_sync import ship_if_due
from billing_worker.rules.subscription_link import require_sale
from billing_worker.rules.timeline import add_entry
from egpay.domain.books import Books
from egpay.domain.errors import Defect
from egpay.domain.events import ShipmentReported
from egpay.domain.parcels import Progress, Tracking
from egpay.domain.shipment import Shipment


def shipment_reported(event: ShipmentReported, books: Books) -> Books:
    """Add the report; of several about one parcel the newest by the warehouse's time holds."""
    sale = require_sale(books, event)
    before = books.shipment(sale.id)
    if before is None:
        raise Defect(f"the warehouse reports on sale {sale.id}, for which nothing was to be shipped")
    after = before.reported(
        event.progress,
        event.occurred_at,
        parcel=event.parcel,
        attempt=event.attempt,
        tracking=Tracking(carrier=event.carrier, number=event.tracking_number, url=event.tracking_url),
    )
    if after == before:
        return books
    books = books.with_shipment(after)
    if (what := _news(event, before, after)) is not None:
        books = add_entry(books, event, f"shipment.{_word(event, after)}", what, about=sale.id)
    return ship_if_due(books, sale.id, event)


def _news(event: ShipmentReported, before: Shipment, after: Shipment) -> str | None:
    """The line of a report that says something new; a late one says only what was known."""
    parcel = f"parcel {event.parcel}" if event.parcel else "shipment"
    if after.status is not before.status:
        return f"shipment is {after.status.value}"
    if len(after.all_parcels) > len(before.all_parcels):
        return f"{parcel} is {_word(event, after)}"
    places = [(one.number, one.progress, one.carrier, one.tracking) for one in after.all_parcels]
    if places == [(one.number, one.progress, one.carrier, one.tracking) for one in before.all_parcels]:
        return None
    tracking = event.progress is Progress.SHIPPED
    return f"{parcel} has corrected tracking" if tracking else f"{parcel} is {_word(event, after)}"


def _word(event: ShipmentReported, after: Shipment) -> str:
    """The word of a report; one of before it left is the shipment's status."""
    return event.progress.name.lower() if event.progress > Progress.ACCEPTED else after.status.value
