"""Effect: e-mails the receipt of a withdrawal, with the words and the time of the declaration."""

from billing_worker.outbound.context import EffectContext
from billing_worker.outbound.email_sender import send_once
from egpay.domain.commands import SendWithdrawalReceipt
from egpay.domain.errors import Defect
from egpay.domain.letters import Letter, LetterKind
from egpay.ports.storage import UnitOfWork


async def send_withdrawal_receipt(command: SendWithdrawalReceipt, context: EffectContext) -> None:
    """Send it to the address that the declaration names, of the order or not; to the order's where that takes no mail."""

    async def write(uow: UnitOfWork) -> Letter | None:
        declared = await uow.withdrawals.find(command.withdrawal_id)
        placed = await uow.sales.find(declared.sale_id) if declared else None
        if declared is None or placed is None:
            raise Defect(f"command {command.id} names no withdrawal from an order")
        return Letter(
            kind=LetterKind.WITHDRAWAL_RECEIVED,
            to=declared.email,
            fallback=placed[0].email,
            language=placed[1].locale,
            name=declared.name,
            sale_id=declared.sale_id,
            at=declared.declared_at,
            statement=declared.statement or "",
        )

    await send_once(command, context, write=write)
