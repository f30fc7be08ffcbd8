"""E-mail sender: claims each e-mail by its key, hands it to the mail server, marks it as sent."""

from collections.abc import Awaitable, Callable

from billing_worker.outbound.context import SENDING_LEASE, EffectContext
from egpay.domain.commands import CommandBase
from egpay.domain.timeline import Entry
from egpay.ports.mail import Email
from egpay.ports.storage import UnitOfWork

Writing = Callable[[UnitOfWork], Awaitable[Email | None]]
"""Write the e-mail from what the transaction shows; None when there is none to send."""


def message_id(command: CommandBase, world: EffectContext) -> str:
    """Return the e-mail's Message-ID (RFC 5322): the same however often it is sent."""
    return f"{command.id.replace(':', '.')}@{world.mail_domain}"


async def send_once(command: CommandBase, world: EffectContext, *, kind: str, write: Writing) -> None:
    """Send the e-mail of a command, unless it was sent.

    What `write` stores commits together with the claim, so that it is there before the e-mail leaves.
    """
    now = world.clock()
    async with world.begin() as uow:
        letter = await write(uow)
        if letter is None:
            return
        ours = await uow.emails.claim(
            command.id,
            kind=kind,
            to=letter.to,
            subject=letter.subject,
            sale_id=command.sale_id,
            at=now,
            until=now + SENDING_LEASE,
        )
    if not ours:
        return
    await world.mail.send(letter)
    async with world.begin() as uow:
        await uow.emails.sent(command.id, message_id=letter.message_id, at=world.clock())
        await uow.timeline.note(
            Entry(
                subject=command.sale_id or command.id,
                sale_id=command.sale_id,
                at=world.clock(),
                kind="email.sent",
                what=f"e-mail ({kind.replace('_', ' ')}) handed to the mail server",
                cause=command.id,
            )
        )
