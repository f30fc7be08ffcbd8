"""Effects: the one table of which function carries out which command."""

from typing import TypeAlias, assert_never

from billing_worker.effects.end_subscription import end_subscription
from billing_worker.effects.expire_checkout_pages import expire_checkout_pages
from billing_worker.effects.expire_order_page import expire_order_page
from billing_worker.effects.find_overdue_renewal import find_overdue_renewal
from billing_worker.effects.identify_owner import identify_owner
from billing_worker.effects.refresh_dispute import refresh_dispute
from billing_worker.effects.refresh_subscription import refresh_subscription
from billing_worker.effects.refund_payment import refund_payment
from billing_worker.effects.renew_invitation import renew_invitation
from billing_worker.effects.send_introduction import send_introduction
from billing_worker.effects.send_letter import send_letter
from billing_worker.effects.send_payment_failed import send_payment_failed
from billing_worker.effects.send_payment_reminder import send_payment_reminder
from billing_worker.effects.send_portal_link import send_portal_link
from billing_worker.effects.send_withdrawal_receipt import send_withdrawal_receipt
from billing_worker.effects.shipments import instruct_warehouse
from billing_worker.effects.trace_payment import trace_payment
from billing_worker.outbound.context import EffectContext
from egpay.domain.commands import (
    CancelShipment,
    ChangeShipment,
    Command,
    EndSubscription,
    ExpireCheckoutPages,
    ExpireOrderPage,
    FindOverdueRenewal,
    HoldShipment,
    IdentifyOwner,
    RefreshDispute,
    RefreshSubscription,
    RefundPayment,
    ReleaseShipment,
    RenewInvitation,
    SendIntroduction,
    SendLetter,
    SendPaymentFailed,
    SendPaymentReminder,
    SendPortalLink,
    SendWithdrawalReceipt,
    ShipDevices,
    TracePayment,
)

EmailCommand: TypeAlias = (
    SendIntroduction
    | SendPaymentFailed
    | SendPaymentReminder
    | RenewInvitation
    | SendPortalLink
    | SendLetter
    | SendWithdrawalReceipt
)
"""What ends in an e-mail."""


async def carry_out(command: Command, context: EffectContext) -> None:  # noqa: C901 - one line for each command
    """Carry out a command, idempotently.

    Raises Outage to be retried later, and Defect when it cannot be done as things are.
    """
    match command:
        case ShipDevices() | HoldShipment() | ReleaseShipment() | ChangeShipment() | CancelShipment():
            await instruct_warehouse(command, context)
        case TracePayment():
            await trace_payment(command, context)
        case RefreshSubscription():
            await refresh_subscription(command, context)
        case RefreshDispute():
            await refresh_dispute(command, context)
        case EndSubscription():
            await end_subscription(command, context)
        case RefundPayment():
            await refund_payment(command, context)
        case IdentifyOwner():
            await identify_owner(command, context)
        case FindOverdueRenewal():
            await find_overdue_renewal(command, context)
        case ExpireCheckoutPages():
            await expire_checkout_pages(command, context)
        case ExpireOrderPage():
            await expire_order_page(command, context)
        case _:
            await _send(command, context)


async def _send(command: EmailCommand, context: EffectContext) -> None:
    match command:
        case SendIntroduction():
            await send_introduction(command, context)
        case SendPaymentFailed():
            await send_payment_failed(command, context)
        case SendPaymentReminder():
            await send_payment_reminder(command, context)
        case RenewInvitation():
            await renew_invitation(command, context)
        case SendPortalLink():
            await send_portal_link(command, context)
        case SendLetter():
            await send_letter(command, context)
        case SendWithdrawalReceipt():
            await send_withdrawal_receipt(command, context)
        case _:
            assert_never(command)
