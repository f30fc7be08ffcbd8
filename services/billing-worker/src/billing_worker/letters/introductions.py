"""Introduction: the letter with an invitation, which is issued in the transaction that writes it."""

from billing_worker.outbound.context import EffectContext
from egpay.domain.account import INVITATION_LIFETIME, Account, Invitation, address_hash, token_hash
from egpay.domain.letters import Letter, LetterKind
from egpay.ports.storage import UnitOfWork


async def write_introduction(
    uow: UnitOfWork, context: EffectContext, account: Account, *, token: str
) -> Letter | None:
    """Issue the invitation of a token and write its letter; None when the admin has entered."""
    admin = account.admin
    issued = await uow.invitations.issue(
        Invitation(
            token_hash=token_hash(token),
            user_id=admin.id,
            expires_at=context.clock() + INVITATION_LIFETIME,
            organisation_id=account.organisation.id,
            email_hash=address_hash(admin.email_key),
        )
    )
    if not issued:
        return None
    return Letter(
        kind=LetterKind.INTRODUCTION,
        to=admin.email,
        language=await uow.letter_facts.locale(admin.email_key),
        name=admin.name,
        organisation=account.organisation.name,
        token=token,
    )
