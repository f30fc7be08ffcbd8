"""Commands: what we want from the world, decided in a transaction and carried out after it.

The `id` of a command is its business key: two events that state one fact lead to one command, and a second
execution is recognised by it. On NATS a command is JSON under `billing.commands.<type>`.
"""

from typing import TypeAlias

from egpay.domain.commands.command import CommandBase
from egpay.domain.commands.emails import (
    SendAccountUsedAgain,
    SendIntroduction,
    SendOrganisationAdded,
    SendPaymentFailed,
    SendPaymentReminder,
    SendPortalLink,
)
from egpay.domain.commands.provider import (
    ExpireCheckoutPages,
    FindOverdueRenewal,
    IdentifyOwner,
    RefreshSubscription,
    TracePayment,
)
from egpay.domain.commands.shipments import (
    CancelShipment,
    HoldShipment,
    ReleaseShipment,
    ShipDevices,
    ShipmentCommand,
    WarehouseInstruction,
)

__all__ = [
    "CancelShipment",
    "Command",
    "CommandBase",
    "ExpireCheckoutPages",
    "FindOverdueRenewal",
    "HoldShipment",
    "IdentifyOwner",
    "RefreshSubscription",
    "ReleaseShipment",
    "SendAccountUsedAgain",
    "SendIntroduction",
    "SendOrganisationAdded",
    "SendPaymentFailed",
    "SendPaymentReminder",
    "SendPortalLink",
    "ShipDevices",
    "ShipmentCommand",
    "TracePayment",
    "WarehouseInstruction",
]

Command: TypeAlias = (
    SendIntroduction
    | SendOrganisationAdded
    | SendAccountUsedAgain
    | ShipDevices
    | HoldShipment
    | ReleaseShipment
    | CancelShipment
    | TracePayment
    | RefreshSubscription
    | FindOverdueRenewal
    | IdentifyOwner
    | ExpireCheckoutPages
    | SendPortalLink
    | SendPaymentFailed
    | SendPaymentReminder
)
"""The closed set: one effect each, in billing_worker/effects."""
