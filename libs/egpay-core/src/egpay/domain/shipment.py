"""The devices of a sale on their way: asked for once, held while the money is in doubt, stopped when it is gone."""

from enum import IntEnum, StrEnum

import msgspec

from egpay.domain.values import SaleId


class ShipmentStatus(StrEnum):
    """The words of `GET /v1/sales/{id}`."""

    REQUESTED = "requested"
    HELD = "held"
    ACCEPTED = "accepted"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Progress(IntEnum):
    """How far the warehouse has come; it never goes back."""

    NONE = 0
    ACCEPTED = 1
    FAILED = 2
    SHIPPED = 3
    DELIVERED = 4


class Shipment(msgspec.Struct, frozen=True, kw_only=True):
    """One per sale. Facts are only added or, for a hold, lifted; `status` is the strongest that holds.

    `asked` says that the warehouse was told to ship; `reason` says in a few words why it is held or cancelled.
    `revision` counts what the warehouse was to be told about it: of two instructions that cross on the wire, the one
    with the higher number holds.
    """

    sale_id: SaleId
    asked: bool = False
    progress: Progress = Progress.NONE
    held: bool = False
    cancelled: bool = False
    reason: str | None = None
    carrier: str | None = None
    tracking_number: str | None = None
    tracking_url: str | None = None
    status: ShipmentStatus = ShipmentStatus.REQUESTED
    revision: int = 0

    @property
    def dispatched(self) -> bool:
        """It has left the warehouse: nothing can be stopped any more."""
        return self.progress in (Progress.SHIPPED, Progress.DELIVERED)

    def changed(self, **facts: object) -> "Shipment":
        """The shipment with more facts, its status derived anew."""
        after = msgspec.structs.replace(self, **facts)
        return msgspec.structs.replace(after, status=strongest_fact(after))


def strongest_fact(shipment: Shipment) -> ShipmentStatus:
    """Derive the status; the first line that holds wins. What has left cannot be held or cancelled."""
    precedence = (
        (shipment.progress is Progress.DELIVERED, ShipmentStatus.DELIVERED),
        (shipment.progress is Progress.SHIPPED, ShipmentStatus.SHIPPED),
        (shipment.cancelled, ShipmentStatus.CANCELLED),
        (shipment.progress is Progress.FAILED, ShipmentStatus.FAILED),
        (shipment.held, ShipmentStatus.HELD),
        (shipment.progress is Progress.ACCEPTED, ShipmentStatus.ACCEPTED),
    )
    return next((status for holds, status in precedence if holds), ShipmentStatus.REQUESTED)
