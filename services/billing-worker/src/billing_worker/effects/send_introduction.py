"""Effect: e-mails the introduction to a new admin, once, with an invitation link of its own."""

from billing_worker.letters.introductions import write_introduction
from billing_worker.outbound.context import EffectContext
from billing_worker.outbound.email_sender import send_once
from egpay.domain.commands import SendIntroduction
from egpay.domain.errors import Defect
from egpay.domain.letters import Letter
from egpay.ports.storage import UnitOfWork


async def send_introduction(command: SendIntroduction, context: EffectContext) -> None:
    """Send the introduction of an organisation to its admin, unless the admin has entered meanwhile.

    The token exists in the e-mail alone, so that only the admin holds it; the database stores its hash. An e-mail that
    may have left before a crash is sent again under the same Message-ID with the same link, which is the only one that
    works: any earlier invitation of the admin ends.
    """

    async def write(uow: UnitOfWork) -> Letter | None:
        account = await uow.accounts.of(command.organisation_id)
        if account is None:
            raise Defect(f"there is no organisation {command.organisation_id}")
        return await write_introduction(
            uow, context, account, token=context.invitation_token(command.id, account.admin)
        )

    await send_once(command, context, write=write)
