"""Effect: e-mails the buyer once that a delayed payment failed and the order can go on."""

from billing_worker.letters.orders import letter_about
from billing_worker.outbound.context import EffectContext
from billing_worker.outbound.email_sender import send_once
from egpay.domain.commands import SendPaymentFailed
from egpay.domain.errors import Defect
from egpay.domain.letters import Letter, LetterKind
from egpay.domain.sale import SaleStatus
from egpay.ports.storage import UnitOfWork


async def send_payment_failed(command: SendPaymentFailed, context: EffectContext) -> None:
    """Send to the admin, unless the sale was paid in another way or has another page open meanwhile."""

    async def write(uow: UnitOfWork) -> Letter | None:
        found = await uow.sales.find(command.sale_id) if command.sale_id else None
        if found is None:
            raise Defect(f"command {command.id} names no sale of ours")
        sale, order = found
        if sale.status is not SaleStatus.PAYMENT_FAILED:
            return None
        return letter_about(LetterKind.PAYMENT_FAILED, sale, order)

    await send_once(command, context, write=write)
