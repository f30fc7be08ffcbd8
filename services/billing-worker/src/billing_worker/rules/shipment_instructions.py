"""Shipment instructions: what the warehouse is told about a change, under the next revision."""

from egpay.domain.commands import (
    CancelShipment,
    HoldShipment,
    ReleaseShipment,
    ShipDevices,
    WarehouseInstruction,
)
from egpay.domain.events import EventBase
from egpay.domain.shipment import Shipment
from egpay.domain.values import MessageId


def instruction(before: Shipment, after: Shipment, cause: EventBase) -> WarehouseInstruction | None:
    """Build the instruction to the warehouse under the next revision, because commands run in any order."""
    found = None if before.dispatched else _found(before, after, cause)
    if found is None:
        return None
    kind, key = found
    command = kind(
        id=MessageId(key),
        occurred_at=cause.occurred_at,
        source=cause.source,
        sale_id=before.sale_id,
        revision=after.revision + 1,
    )
    if isinstance(command, ShipDevices) and after.attempt > 1:
        return ShipDevices(
            id=command.id,
            occurred_at=command.occurred_at,
            source=command.source,
            sale_id=command.sale_id,
            revision=command.revision,
            attempt=after.attempt,
        )
    return command


def _found(
    before: Shipment, after: Shipment, cause: EventBase
) -> tuple[type[WarehouseInstruction], str] | None:
    sale_id, again = before.sale_id, f":{after.attempt}" if after.attempt > 1 else ""
    if not before.asked:
        return None if after.held or after.cancelled else (ShipDevices, f"ship:{sale_id}{again}")
    if after.cancelled and not before.cancelled:
        return CancelShipment, f"cancel:{sale_id}{again}"
    if after.held is not before.held:
        if after.held:
            return HoldShipment, f"hold:{sale_id}:{cause.id}"
        return ReleaseShipment, f"release:{sale_id}:{cause.id}"
    return None
