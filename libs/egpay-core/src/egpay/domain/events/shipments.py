"""Events of a shipment: what the warehouse reports."""

from egpay.domain.events.event import EventBase
from egpay.domain.shipment import Progress


class ShipmentReported(EventBase, frozen=True, kw_only=True, tag="shipment_reported"):
    """The warehouse reported its progress with the devices of a sale."""

    progress: Progress
    carrier: str | None = None
    tracking_number: str | None = None
    tracking_url: str | None = None
