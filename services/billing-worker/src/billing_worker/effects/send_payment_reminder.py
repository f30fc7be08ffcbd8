"""Effect: e-mails the payer of a failed renewal: once for each try to come, and once that there is none."""

from billing_worker.letters.invoices import letter_to_payer, reminder_kind
from billing_worker.outbound.context import EffectContext
from billing_worker.outbound.email_sender import send_once
from egpay.domain.commands import SendPaymentReminder
from egpay.domain.letters import Letter
from egpay.domain.values import SubscriptionId
from egpay.ports.storage import UnitOfWork


async def send_payment_reminder(command: SendPaymentReminder, context: EffectContext) -> None:
    """Send a retry while the provider will try again, else a last notice; nothing once the invoice is not open.

    The invoice is looked up at this moment, because only then it is certain whether there is a next try; the link
    opens the invoice to anyone who holds it, so no message carries it.
    """
    invoice = await context.payments.open_invoice(command.invoice_id)
    kind = reminder_kind(invoice, at=context.clock()) if invoice else None
    if invoice is None or kind is None:
        return

    async def write(uow: UnitOfWork) -> Letter | None:
        return await letter_to_payer(kind, invoice, SubscriptionId(command.subscription_id), command, uow)

    await send_once(command, context, write=write)
