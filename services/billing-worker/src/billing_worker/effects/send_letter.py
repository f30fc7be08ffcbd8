"""Effect: e-mails the letter of a kind once, from what is true at this moment; the table of who writes which."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

from billing_worker.letters.invoices import letter_to_payer
from billing_worker.letters.orders import order_confirmation, parcel, payment_pending, refunded
from billing_worker.letters.subscriptions import (
    organisation_letter,
    subscription_ended,
    subscription_will_end,
    trial_ends,
)
from billing_worker.outbound.context import EffectContext
from billing_worker.outbound.email_sender import send_once
from egpay.domain.commands import SendLetter
from egpay.domain.errors import Defect
from egpay.domain.letters import Letter, LetterKind
from egpay.ports.storage import UnitOfWork

Writer: TypeAlias = Callable[[SendLetter, UnitOfWork, EffectContext], Awaitable[Letter | None]]

WRITERS: Mapping[LetterKind, Writer] = {
    LetterKind.ORDER_CONFIRMATION: order_confirmation,
    LetterKind.PAYMENT_PENDING: payment_pending,
    LetterKind.SHIPPED: parcel,
    LetterKind.DELAYED: parcel,
    LetterKind.PARCEL_LOST: parcel,
    LetterKind.PARCEL_RETURNED: parcel,
    LetterKind.REFUNDED: refunded,
    LetterKind.TRIAL_ENDS: trial_ends,
    LetterKind.SUBSCRIPTION_WILL_END: subscription_will_end,
    LetterKind.SUBSCRIPTION_ENDED: subscription_ended,
    LetterKind.ORGANISATION_ADDED: organisation_letter,
    LetterKind.ACCOUNT_USED_AGAIN: organisation_letter,
}
"""The other kinds have a command of their own, or ask the provider first."""


async def send_letter(command: SendLetter, context: EffectContext) -> None:
    """Send it, unless what it says is not true any more; what is not known yet waits."""
    if command.kind is LetterKind.CONFIRM_PAYMENT:
        await _confirm_payment(command, context)
        return
    writer = WRITERS.get(command.kind)
    if writer is None:
        raise Defect(f"a letter {command.kind.value} is sent by a command of its own")

    async def write(uow: UnitOfWork) -> Letter | None:
        return await writer(command, uow, context)

    await send_once(command, context, write=write)


async def _confirm_payment(command: SendLetter, context: EffectContext) -> None:
    """Ask for a confirmation while the invoice is open, with the provider's page for it."""
    if command.invoice_id is None or command.subscription_id is None:
        raise Defect(f"command {command.id} names no invoice of a subscription")
    invoice, subscription = await context.payments.open_invoice(command.invoice_id), command.subscription_id
    if invoice is None:
        return

    async def write(uow: UnitOfWork) -> Letter | None:
        return await letter_to_payer(command.kind, invoice, subscription, command, uow)

    await send_once(command, context, write=write)
