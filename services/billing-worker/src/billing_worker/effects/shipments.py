"""Shipment effects: instruct the warehouse to ship, hold, release, change or cancel devices.

Each is skipped when a later decision made it stale, and carries the command's id as its key and its revision.
"""

from collections.abc import Iterable, Iterator
from typing import assert_never

import msgspec

from billing_worker.outbound.context import EffectContext
from egpay.domain.catalogue import Kind
from egpay.domain.commands import (
    CancelShipment,
    ChangeShipment,
    HoldShipment,
    ReleaseShipment,
    ShipDevices,
    ShipmentCommand,
    WarehouseInstruction,
)
from egpay.domain.corrections import order_as_corrected
from egpay.domain.errors import Defect
from egpay.domain.order import OrderLine
from egpay.domain.shipment import Shipment
from egpay.domain.timeline import Entry
from egpay.domain.values import SaleId
from egpay.ports.fulfilment import ShippingOrder
from egpay.ports.storage import UnitOfWork


async def instruct_warehouse(command: WarehouseInstruction, context: EffectContext) -> None:
    """Carry out an instruction to the warehouse."""
    match command:
        case ShipDevices():
            await ship_devices(command, context)
        case HoldShipment():
            await hold_shipment(command, context)
        case ReleaseShipment():
            await release_shipment(command, context)
        case ChangeShipment():
            await change_shipment(command, context)
        case CancelShipment():
            await cancel_shipment(command, context)
        case _:
            assert_never(command)


async def ship_devices(command: ShipDevices, context: EffectContext) -> None:
    """Send the order to the warehouse, unless it was cancelled since: told twice, the warehouse recognises the key."""
    async with context.begin() as uow:
        sale_id = _sale_of(command)
        shipment = await uow.sales.shipment(sale_id)
        if shipment is None or shipment.cancelled or shipment.attempt != command.attempt:
            return
        order = await _shipping_order(shipment, uow)
    await context.warehouse.ship(order, key=command.id, revision=command.revision)
    await _add_entry(command, context, "told to ship")


async def change_shipment(command: ChangeShipment, context: EffectContext) -> None:
    """Tell the warehouse what is to be sent now, unless that has left or was cancelled by now."""
    async with context.begin() as uow:
        shipment = await uow.sales.shipment(_sale_of(command))
        if shipment is None or shipment.dispatched or shipment.cancelled:
            return
        order = await _shipping_order(shipment, uow)
    await context.warehouse.change(order, key=command.id, revision=command.revision)
    await _add_entry(command, context, "told what to send and where to")


async def _shipping_order(shipment: Shipment, uow: UnitOfWork) -> ShippingOrder:
    sale_id = shipment.sale_id
    found = await uow.sales.find(sale_id)
    if found is None:
        raise Defect(f"there is no sale {sale_id}")
    sale, placed = found
    order = order_as_corrected(placed, sale.corrected_address)
    if order.shipping_address is None:
        raise Defect(f"sale {sale_id} has devices and no shipping address")
    return ShippingOrder(
        sale_id=sale_id,
        name=order.name,
        organisation=order.organisation,
        address=order.shipping_address,
        devices=list(_devices(order.lines, shipment)),
        attempt=shipment.attempt,
    )


def _devices(lines: Iterable[OrderLine], shipment: Shipment) -> Iterator[OrderLine]:
    """The devices of an order in the quantities that are to be sent."""
    for line in lines:
        quantity = line.quantity if shipment.items is None else shipment.items.get(line.product, 0)
        if line.kind is Kind.DEVICE and quantity:
            yield msgspec.structs.replace(line, quantity=quantity)


async def hold_shipment(command: HoldShipment, context: EffectContext) -> None:
    """Tell the warehouse to wait, unless the doubt is over by now."""
    shipment = await _current_shipment(command, context)
    if shipment is None or not shipment.held:
        return
    await context.warehouse.hold(_sale_of(command), key=command.id, revision=command.revision)
    await _add_entry(command, context, "told to wait")


async def release_shipment(command: ReleaseShipment, context: EffectContext) -> None:
    """Tell the warehouse to go on, unless there is a new reason to wait or to stop."""
    shipment = await _current_shipment(command, context)
    if shipment is None or shipment.held or shipment.cancelled:
        return
    await context.warehouse.release(_sale_of(command), key=command.id, revision=command.revision)
    await _add_entry(command, context, "told to go on")


async def cancel_shipment(command: CancelShipment, context: EffectContext) -> None:
    """Tell the warehouse to stop, unless the devices have left by now."""
    shipment = await _current_shipment(command, context)
    if shipment is None or shipment.dispatched:
        return
    await context.warehouse.cancel(_sale_of(command), key=command.id, revision=command.revision)
    await _add_entry(command, context, "told to stop")


def _sale_of(command: ShipmentCommand) -> SaleId:
    """The sale of a command about a shipment; one without it is a defect."""
    if command.sale_id is None:
        raise Defect(f"command {command.id} names no sale")
    return command.sale_id


async def _current_shipment(command: ShipmentCommand, context: EffectContext) -> Shipment | None:
    """The shipment as it stands: what was decided when the command was written may be overtaken."""
    async with context.begin() as uow:
        return await uow.sales.shipment(_sale_of(command))


async def _add_entry(command: ShipmentCommand, context: EffectContext, what: str) -> None:
    """Put on the timeline that the warehouse has it."""
    sale_id = _sale_of(command)
    async with context.begin() as uow:
        await uow.timeline.note(
            Entry(
                subject=sale_id,
                sale_id=sale_id,
                at=context.clock(),
                kind="warehouse.told",
                what=f"the warehouse was {what}",
                cause=command.id,
            )
        )
