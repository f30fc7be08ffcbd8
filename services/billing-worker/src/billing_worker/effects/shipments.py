"""Shipment effects: instruct the warehouse to ship, hold, release or cancel the devices of a sale.

Each is skipped when a later decision made it stale, and carries the command's id as its key and its revision.
"""

from billing_worker.outbound.context import EffectContext
from egpay.domain.catalogue import Kind
from egpay.domain.commands import CancelShipment, HoldShipment, ReleaseShipment, ShipDevices, ShipmentCommand
from egpay.domain.errors import Defect
from egpay.domain.shipment import Shipment
from egpay.domain.timeline import Entry
from egpay.domain.values import SaleId
from egpay.ports.fulfilment import ShippingOrder
from egpay.ports.storage import UnitOfWork


async def ship_devices(command: ShipDevices, world: EffectContext) -> None:
    """Send the order to the warehouse, unless it was cancelled since: told twice, the warehouse recognises the key."""
    async with world.begin() as uow:
        sale_id = _sale_of(command)
        shipment = await uow.sales.shipment(sale_id)
        if shipment is None or shipment.cancelled:
            return
        order = await _shipping_order(sale_id, uow)
    await world.warehouse.ship(order, key=command.id, revision=command.revision)
    await _add_entry(command, world, "told to ship")


async def _shipping_order(sale_id: SaleId, uow: UnitOfWork) -> ShippingOrder:
    found = await uow.sales.find(sale_id)
    if found is None:
        raise Defect(f"there is no sale {sale_id}")
    _, order = found
    if order.shipping_address is None:
        raise Defect(f"sale {sale_id} has devices and no shipping address")
    return ShippingOrder(
        sale_id=sale_id,
        name=order.name,
        organisation=order.organisation,
        address=order.shipping_address,
        devices=[line for line in order.lines if line.kind is Kind.DEVICE],
    )


async def hold_shipment(command: HoldShipment, world: EffectContext) -> None:
    """Tell the warehouse to wait, unless the doubt is over by now."""
    shipment = await _current_shipment(command, world)
    if shipment is None or not shipment.held:
        return
    await world.warehouse.hold(_sale_of(command), key=command.id, revision=command.revision)
    await _add_entry(command, world, "told to wait")


async def release_shipment(command: ReleaseShipment, world: EffectContext) -> None:
    """Tell the warehouse to go on, unless there is a new reason to wait or to stop."""
    shipment = await _current_shipment(command, world)
    if shipment is None or shipment.held or shipment.cancelled:
        return
    await world.warehouse.release(_sale_of(command), key=command.id, revision=command.revision)
    await _add_entry(command, world, "told to go on")


async def cancel_shipment(command: CancelShipment, world: EffectContext) -> None:
    """Tell the warehouse to stop, unless the devices have left by now."""
    shipment = await _current_shipment(command, world)
    if shipment is None or shipment.dispatched:
        return
    await world.warehouse.cancel(_sale_of(command), key=command.id, revision=command.revision)
    await _add_entry(command, world, "told to stop")


def _sale_of(command: ShipmentCommand) -> SaleId:
    """The sale of a command about a shipment; one without it is a defect."""
    if command.sale_id is None:
        raise Defect(f"command {command.id} names no sale")
    return command.sale_id


async def _current_shipment(command: ShipmentCommand, world: EffectContext) -> Shipment | None:
    """The shipment as it stands: what was decided when the command was written may be overtaken."""
    async with world.begin() as uow:
        return await uow.sales.shipment(_sale_of(command))


async def _add_entry(command: ShipmentCommand, world: EffectContext, what: str) -> None:
    """Put on the timeline that the warehouse has it."""
    sale_id = _sale_of(command)
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
