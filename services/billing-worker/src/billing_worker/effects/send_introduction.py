"""A new admin gets the e-mail that opens the account: once, with a link that only they hold."""

from billing_worker.world import SENDING_LEASE, World
from egpay.domain.account import INVITATION_LIFETIME, Invitation, token_hash
from egpay.domain.commands import SendIntroduction
from egpay.domain.errors import Defect
from egpay.domain.timeline import Entry


async def send_introduction(command: SendIntroduction, world: World) -> None:
    """Send the introduction of an organisation to its admin.

    The token exists in the letter alone; we keep its hash. A letter that may have left before a crash is sent again
    under the same Message-ID with a token of its own, and the link of either copy works.
    """
    now, token = world.clock(), world.new_token()
    async with world.begin() as uow:
        account = await uow.accounts.of(command.organisation_id)
        if account is None:
            raise Defect(f"there is no organisation {command.organisation_id}")
        admin = account.admin
        letter = world.letters.introduction(
            to=admin.email,
            name=admin.name,
            organisation=account.organisation.name,
            token=token,
            message_id=f"{command.id.replace(':', '.')}@{world.mail_domain}",
            date=command.occurred_at,
        )
        ours = await uow.emails.claim(
            command.id,
            kind="introduction",
            to=letter.to,
            subject=letter.subject,
            sale_id=command.sale_id,
            at=now,
            until=now + SENDING_LEASE,
        )
        if not ours:
            return
        await uow.accounts.invite(
            Invitation(token_hash=token_hash(token), user_id=admin.id, expires_at=now + INVITATION_LIFETIME)
        )
    await world.mail.send(letter)
    async with world.begin() as uow:
        await uow.emails.sent(command.id, message_id=letter.message_id, at=world.clock())
        await uow.timeline.note(
            Entry(
                subject=command.sale_id or command.organisation_id,
                sale_id=command.sale_id,
                at=world.clock(),
                kind="email.sent",
                what="introduction e-mail handed to the mail server",
                cause=command.id,
            )
        )
