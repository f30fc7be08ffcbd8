"""What the effects on a shipment share: which sale it is, how it stands now, and the note that it was told."""

from billing_worker.outbound.context import EffectContext
from egpay.domain.commands import CancelShipment, HoldShipment, ReleaseShipment, ShipDevices
from egpay.domain.errors import Defect
from egpay.domain.shipment import Shipment
from egpay.domain.timeline import Entry
from egpay.domain.values import SaleId

ShipmentCommand = ShipDevices | HoldShipment | ReleaseShipment | CancelShipment


def sale_named(command: ShipmentCommand) -> SaleId:
    """The sale of a command about a shipment; one without it is a defect of whoever wrote it."""
    if command.sale_id is None:
        raise Defect(f"command {command.id} names no sale")
    return command.sale_id


async def shipment_now(command: ShipmentCommand, world: EffectContext) -> Shipment | None:
    """The shipment as it stands: what was decided when the command was written may be overtaken."""
    async with world.begin() as uow:
        return await uow.sales.shipment(sale_named(command))


async def note_told(command: ShipmentCommand, world: EffectContext, what: str) -> None:
    """Put on the timeline that the warehouse has it."""
    sale_id = sale_named(command)
    async with world.begin() as uow:
        await uow.timeline.note(
            Entry(
                subject=sale_id,
                sale_id=sale_id,
                at=world.clock(),
                kind="warehouse.told",
                what=f"the warehouse was {what}",
                cause=command.id,
            )
        )
