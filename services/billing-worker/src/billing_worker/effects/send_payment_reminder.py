"""Effect: e-mails the payer of a failed renewal once for each try, with a page to pay on."""

from billing_worker.outbound.context import EffectContext
from billing_worker.outbound.email_sender import message_id, send_once
from egpay.domain.commands import SendPaymentReminder
from egpay.domain.errors import Defect
from egpay.domain.values import SubscriptionId
from egpay.ports.mail import Email
from egpay.ports.storage import UnitOfWork


async def send_payment_reminder(command: SendPaymentReminder, world: EffectContext) -> None:
    """Send to the billing e-mail of the subscription, unless the invoice is paid by now.

    The link is fetched at this moment because it opens the invoice to anyone who holds it, so no message carries it.
    """
    invoice_url = await world.payments.invoice_page(command.invoice_id)

    async def write(uow: UnitOfWork) -> Email | None:
        if invoice_url is None:
            return None
        payer = await uow.owners.payer(SubscriptionId(command.subscription_id))
        if payer is None:
            raise Defect(f"no payer is known for subscription {command.subscription_id}")
        return world.letters.payment_reminder(
            to=payer.email,
            name=payer.name,
            attempt=command.attempt,
            invoice_url=invoice_url,
            message_id=message_id(command, world),
            date=command.occurred_at,
        )

    await send_once(command, world, kind="payment_reminder", write=write)
