"""The money is gone: devices that have not left stay."""

from billing_worker.outbound.context import EffectContext
from billing_worker.outbound.warehouse_notes import note_told, sale_named, shipment_now
from egpay.domain.commands import CancelShipment


async def cancel_shipment(command: CancelShipment, world: EffectContext) -> None:
    """Tell the warehouse to stop, unless the devices have left by now."""
    shipment = await shipment_now(command, world)
    if shipment is None or shipment.dispatched:
        return
    await world.warehouse.cancel(sale_named(command), key=command.id, revision=command.revision)
    await note_told(command, world, "told to stop")
