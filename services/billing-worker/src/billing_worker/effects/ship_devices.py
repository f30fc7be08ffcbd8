"""Devices that are paid for leave: the warehouse is told what to ship, and where to."""

from billing_worker.outbound.context import EffectContext
from billing_worker.outbound.warehouse_notes import note_told, sale_named
from egpay.domain.catalogue import Kind
from egpay.domain.commands import ShipDevices
from egpay.domain.errors import Defect
from egpay.domain.values import SaleId
from egpay.ports.fulfilment import ShippingOrder
from egpay.ports.storage import UnitOfWork


async def ship_devices(command: ShipDevices, world: EffectContext) -> None:
    """Send the order to the warehouse, unless it was cancelled since: told twice, the warehouse recognises the key."""
    async with world.begin() as uow:
        sale_id = sale_named(command)
        shipment = await uow.sales.shipment(sale_id)
        if shipment is None or shipment.cancelled:
            return
        order = await _shipping_order(sale_id, uow)
    await world.warehouse.ship(order, key=command.id, revision=command.revision)
    await note_told(command, world, "told to ship")


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
