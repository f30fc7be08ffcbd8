"""Effects: the one table of which function carries out which command."""

from typing import assert_never

from billing_worker.effects.end_subscription import end_subscription
from billing_worker.effects.expire_checkout_pages import expire_checkout_pages
from billing_worker.effects.find_overdue_renewal import find_overdue_renewal
from billing_worker.effects.identify_owner import identify_owner
from billing_worker.effects.refresh_dispute import refresh_dispute
from billing_worker.effects.refresh_subscription import refresh_subscription
from billing_worker.effects.send_introduction import send_introduction
from billing_worker.effects.send_letter import send_letter
from billing_worker.effects.send_payment_failed import send_payment_failed
from billing_worker.effects.send_payment_reminder import send_payment_reminder
from billing_worker.effects.send_portal_link import send_portal_link
from billing_worker.effects.shipments import instruct_warehouse
from billing_worker.effects.trace_payment import trace_payment
from billing_worker.outbound.context import EffectContext
from egpay.domain.commands import (
    CancelShipment,
    ChangeShipment,
    Command,
    EndSubscription,
    ExpireCheckoutPages,
    FindOverdueRenewal,
    HoldShipment,
    IdentifyOwner,
    RefreshDispute,
    RefreshSubscription,
    ReleaseShipment,
    SendIntroduction,
    SendLetter,
    SendPaymentFailed,
    SendPaymentReminder,
    SendPortalLink,
    ShipDevices,
    TracePayment,
)


async def carry_out(command: Command, world: EffectContext) -> None:  # noqa: C901, PLR0912 - one line for each command
    """Carry out a command, idempotently.

    Raises Outage to be retried later, and Defect when it cannot be done as things are.
    """
    match command:
        case SendIntroduction():
            await send_introduction(command, world)
        case ShipDevices() | HoldShipment() | ReleaseShipment() | ChangeShipment() | CancelShipment():
            await instruct_warehouse(command, world)
        case TracePayment():
            await trace_payment(command, world)
        case RefreshSubscription():
            await refresh_subscription(command, world)
        case RefreshDispute():
            await refresh_dispute(command, world)
        case EndSubscription():
            await end_subscription(command, world)
        case IdentifyOwner():
            await identify_owner(command, world)
        case FindOverdueRenewal():
            await find_overdue_renewal(command, world)
        case ExpireCheckoutPages():
            await expire_checkout_pages(command, world)
        case SendPaymentFailed():
            await send_payment_failed(command, world)
        case SendPaymentReminder():
            await send_payment_reminder(command, world)
        case SendPortalLink():
            await send_portal_link(command, world)
        case SendLetter():
            await send_letter(command, world)
        case _:
            assert_never(command)
