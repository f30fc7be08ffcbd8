"""Events of a shipment: what the warehouse reports."""

from egpay.domain.events.event import EventBase
from egpay.domain.shipment import Progress


class ShipmentReported(EventBase, frozen=True, kw_only=True, tag="shipment_reported"):
    """The warehouse reported its progress with the devices of a sale.

    `parcel` is its own number of one of several; `attempt` counts our requests to ship, None where it does not say.
    """

    progress: Progress
    carrier: str | None = None
    tracking_number: str | None = None
    tracking_url: str | None = None
    parcel: str | None = None
    attempt: int | None = None
