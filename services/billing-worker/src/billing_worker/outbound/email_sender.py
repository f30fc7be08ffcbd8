"""E-mail sender: claims each e-mail by its key, hands it to the mail server, marks it as sent."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime

from billing_worker.outbound.context import SENDING_LEASE, EffectContext
from egpay.domain.commands import CommandBase
from egpay.domain.errors import Defect, Outage
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

    What `write` stores commits together with the claim, so that it is there before the e-mail leaves; without a claim
    none of it is stored.
    """
    now = world.clock()
    until = now + SENDING_LEASE
    letter = await _claimed(command, world, kind=kind, write=write, at=now, until=until)
    if letter is None:
        return
    try:
        await world.mail.send(letter)
    except (Outage, Defect) as fault:
        if isinstance(fault, Defect) or fault.undone:
            await _release(command, world, until)
        raise
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


async def _release(command: CommandBase, world: EffectContext, until: datetime) -> None:
    """Release the claim, so that the next try need not wait for its lease; when that fails, the lease expires."""
    with suppress(Outage):
        async with world.begin() as uow:
            await uow.emails.release(command.id, until=until, at=world.clock())


class _AlreadySent(Exception):
    """Rolls back what was written for an e-mail that was sent before."""


async def _claimed(
    command: CommandBase, world: EffectContext, *, kind: str, write: Writing, at: datetime, until: datetime
) -> Email | None:
    """Write the e-mail and claim it in one transaction; None when there is nothing to send."""
    with suppress(_AlreadySent):
        async with world.begin() as uow:
            letter = await write(uow)
            if letter is not None and not await uow.emails.claim(
                command.id,
                kind=kind,
                to=letter.to,
                subject=letter.subject,
                sale_id=command.sale_id,
                at=at,
                until=until,
            ):
                raise _AlreadySent
        return letter
    return None
