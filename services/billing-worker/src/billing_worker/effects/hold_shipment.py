"""While the money is in doubt, devices stay where they are."""

from billing_worker.outbound.context import EffectContext
from billing_worker.outbound.warehouse_notes import note_told, sale_named, shipment_now
from egpay.domain.commands import HoldShipment


async def hold_shipment(command: HoldShipment, world: EffectContext) -> None:
    """Tell the warehouse to wait, unless the doubt is over by now."""
    shipment = await shipment_now(command, world)
    if shipment is None or not shipment.held:
        return
    await world.warehouse.hold(sale_named(command), key=command.id, revision=command.revision)
    await note_told(command, world, "told to wait")
