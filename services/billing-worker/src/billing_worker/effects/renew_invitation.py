"""Effect: e-mails the introduction with a new link, on the word of a person who holds an older one."""

from billing_worker.letters.introductions import write_introduction
from billing_worker.outbound.context import EffectContext
from billing_worker.outbound.email_sender import send_once
from egpay.domain.account import RENEWAL_INTERVAL, token_hash
from egpay.domain.commands import RenewInvitation
from egpay.domain.letters import Letter
from egpay.ports.storage import UnitOfWork


async def renew_invitation(command: RenewInvitation, context: EffectContext) -> None:
    """Send a new link to the address on record, if the old one is known and its admin has not entered.

    Whether a token is known shows here alone, so that the route answers the same at the same time. Within ten minutes
    of the last introduction none is sent: that one works.
    """

    async def write(uow: UnitOfWork) -> Letter | None:
        account = await uow.invitations.renewable(bytes.fromhex(command.token_hash))
        if account is None:
            return None
        admin, since = account.admin, context.clock() - RENEWAL_INTERVAL
        token = context.invitation_token(command.id, admin)
        if await uow.invitations.issued_since(admin.id, since, beside=token_hash(token)):
            return None
        return await write_introduction(uow, context, account, token=token)

    await send_once(command, context, write=write)
