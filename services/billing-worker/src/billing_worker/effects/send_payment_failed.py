"""Effect: e-mails the buyer once that a delayed payment failed and the order can be placed again."""

from billing_worker.outbound.context import EffectContext
from billing_worker.outbound.email_sender import message_id, send_once
from egpay.domain.commands import SendPaymentFailed
from egpay.domain.errors import Defect
from egpay.domain.sale import SaleStatus
from egpay.ports.mail import Email
from egpay.ports.storage import UnitOfWork


async def send_payment_failed(command: SendPaymentFailed, world: EffectContext) -> None:
    """Send to the billing e-mail, or the admin's, unless the sale was paid in another way meanwhile."""

    async def write(uow: UnitOfWork) -> Email | None:
        found = await uow.sales.find(command.sale_id) if command.sale_id else None
        if found is None:
            raise Defect(f"command {command.id} names no sale of ours")
        sale, _ = found
        if sale.status is not SaleStatus.PAYMENT_FAILED:
            return None
        return world.letters.payment_failed(
            to=sale.billing_email or sale.email,
            name=sale.name,
            message_id=message_id(command, world),
            date=command.occurred_at,
        )

    await send_once(command, world, kind="payment_failed", write=write)
