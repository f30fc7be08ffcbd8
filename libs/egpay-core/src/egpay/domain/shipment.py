"""Shipment: devices of a sale, requested once, held during a dispute, cancelled if the money is gone.

    REQUESTED --accepted--> ACCEPTED --shipped--> SHIPPED --delivered--> DELIVERED
      |   ^                   ^
      |   +------ HELD -------+        while a dispute is open; also entered from ACCEPTED
      |
      +--failed------> FAILED          also from ACCEPTED and HELD
      +--money gone--> CANCELLED       also from ACCEPTED, HELD and FAILED

A report may skip steps. SHIPPED and DELIVERED outweigh all others, because what has left cannot be stopped.
"""

from enum import IntEnum, StrEnum

import msgspec

from egpay.domain.values import SaleId


class ShipmentStatus(StrEnum):
    """Status of a shipment, as `GET /v1/sales/{id}` shows it."""

    REQUESTED = "requested"
    HELD = "held"
    ACCEPTED = "accepted"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Progress(IntEnum):
    """Progress at the warehouse; it never goes back."""

    NONE = 0
    ACCEPTED = 1
    FAILED = 2
    SHIPPED = 3
    DELIVERED = 4


class Shipment(msgspec.Struct, frozen=True, kw_only=True):
    """Shipment, one per sale: facts are added or, for a hold, lifted; `status` is the strongest.

    `asked` says that the warehouse was asked to ship; `reason` says in a few words why it is held or
    cancelled. `revision` counts the instructions to the warehouse about it: of two that cross on the wire,
    the one with the higher number holds.
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
        """Whether it has left the warehouse, so that it cannot be stopped any more."""
        return self.progress in (Progress.SHIPPED, Progress.DELIVERED)

    def changed(self, **facts: object) -> "Shipment":
        """The shipment with changed facts and its status derived from them."""
        after = msgspec.structs.replace(self, **facts)
        return msgspec.structs.replace(after, status=strongest_fact(after))


def strongest_fact(shipment: Shipment) -> ShipmentStatus:
    """Derive the status: the first line that holds wins; what has left cannot be held or cancelled."""
    precedence = (
        (shipment.progress is Progress.DELIVERED, ShipmentStatus.DELIVERED),
        (shipment.progress is Progress.SHIPPED, ShipmentStatus.SHIPPED),
        (shipment.cancelled, ShipmentStatus.CANCELLED),
        (shipment.progress is Progress.FAILED, ShipmentStatus.FAILED),
        (shipment.held, ShipmentStatus.HELD),
        (shipment.progress is Progress.ACCEPTED, ShipmentStatus.ACCEPTED),
    )
    return next((status for holds, status in precedence if holds), ShipmentStatus.REQUESTED)
