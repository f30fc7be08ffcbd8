"""Commands: what we want from the world, decided in a transaction and carried out after it.

The `id` of a command is its business key: two events that state one fact lead to one command, and a second
execution is recognised by it. On NATS a command is JSON under `billing.commands.<type>`.
"""

from typing import TypeAlias

from egpay.domain.commands.command import CommandBase
from egpay.domain.commands.emails import (
    RenewInvitation,
    SendIntroduction,
    SendLetter,
    SendPaymentFailed,
    SendPaymentReminder,
    SendPortalLink,
    SendWithdrawalReceipt,
    again_invited,
)
from egpay.domain.commands.provider import (
    AboutPayment,
    EndSubscription,
    ExpireCheckoutPages,
    ExpireOrderPage,
    FindOverdueRenewal,
    IdentifyOwner,
    RefreshDispute,
    RefreshSubscription,
    RefundPayment,
    TracePayment,
)
from egpay.domain.commands.shipments import (
    CancelShipment,
    ChangeShipment,
    HoldShipment,
    ReleaseShipment,
    ShipDevices,
    ShipmentCommand,
    WarehouseInstruction,
)

__all__ = [
    "AboutPayment",
    "CancelShipment",
    "ChangeShipment",
    "Command",
    "CommandBase",
    "EndSubscription",
    "ExpireCheckoutPages",
    "ExpireOrderPage",
    "FindOverdueRenewal",
    "HoldShipment",
    "IdentifyOwner",
    "RefreshDispute",
    "RefreshSubscription",
    "RefundPayment",
    "ReleaseShipment",
    "RenewInvitation",
    "SendIntroduction",
    "SendLetter",
    "SendPaymentFailed",
    "SendPaymentReminder",
    "SendPortalLink",
    "SendWithdrawalReceipt",
    "ShipDevices",
    "ShipmentCommand",
    "TracePayment",
    "WarehouseInstruction",
    "again_invited",
]

Command: TypeAlias = (
    SendIntroduction
    | ShipDevices
    | HoldShipment
    | ReleaseShipment
    | CancelShipment
    | ChangeShipment
    | TracePayment
    | RefreshSubscription
    | RefreshDispute
    | EndSubscription
    | RefundPayment
    | FindOverdueRenewal
    | IdentifyOwner
    | ExpireCheckoutPages
    | ExpireOrderPage
    | RenewInvitation
    | SendPortalLink
    | SendPaymentFailed
    | SendPaymentReminder
    | SendLetter
    | SendWithdrawalReceipt
)
"""The closed set: one effect each, in billing_worker/effects."""
