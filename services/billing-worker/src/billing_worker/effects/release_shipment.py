"""The doubt is over: devices may leave."""

from billing_worker.outbound.context import EffectContext
from billing_worker.outbound.warehouse_notes import note_told, sale_named, shipment_now
from egpay.domain.commands import ReleaseShipment


async def release_shipment(command: ReleaseShipment, world: EffectContext) -> None:
    """Tell the warehouse to go on, unless there is a new reason to wait or to stop."""
    shipment = await shipment_now(command, world)
    if shipment is None or shipment.held or shipment.cancelled:
        return
    await world.warehouse.release(sale_named(command), key=command.id, revision=command.revision)
    await note_told(command, world, "told to go on")
