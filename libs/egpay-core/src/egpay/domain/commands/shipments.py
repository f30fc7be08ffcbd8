"""Commands to the warehouse: instructions about one shipment."""

from typing import TypeAlias

from egpay.domain.commands.command import CommandBase


class ShipmentCommand(CommandBase, frozen=True, kw_only=True):
    """Instruction to the warehouse about one shipment.

    `revision` counts from 1, as a fencing token: of two instructions that cross on the wire, the higher is
    newer. One without a number is from before revisions were counted.
    """

    revision: int = 0


class ShipDevices(ShipmentCommand, frozen=True, kw_only=True, tag="ship_devices"):
    """Ask the warehouse to ship the devices of a sale; `attempt` counts the requests, from 1."""

    attempt: int = 1


class HoldShipment(ShipmentCommand, frozen=True, kw_only=True, tag="hold_shipment"):
    """Ask the warehouse to hold the devices until they are released or cancelled."""


class ReleaseShipment(ShipmentCommand, frozen=True, kw_only=True, tag="release_shipment"):
    """Ask the warehouse to release held devices."""


class CancelShipment(ShipmentCommand, frozen=True, kw_only=True, tag="cancel_shipment"):
    """Ask the warehouse to cancel the shipment, so that the devices stay."""


class ChangeShipment(ShipmentCommand, frozen=True, kw_only=True, tag="change_shipment"):
    """Ask the warehouse to ship fewer devices than it was asked to, or to another address."""


WarehouseInstruction: TypeAlias = (
    ShipDevices | ChangeShipment | HoldShipment | ReleaseShipment | CancelShipment
)
"""The closed set of shipment commands."""
