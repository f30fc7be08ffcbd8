"""E-mail sender: claims each e-mail by its key, hands it to the mail server, marks it as sent."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime

import msgspec

from billing_worker.outbound.context import SENDING_LEASE, EffectContext
from egpay.domain.commands import CommandBase
from egpay.domain.errors import Defect, Outage
from egpay.domain.letters import Letter
from egpay.domain.timeline import Entry
from egpay.domain.values import MessageId
from egpay.ports.mail import Email, RecipientRefused
from egpay.ports.storage import UnitOfWork

Writing = Callable[[UnitOfWork], Awaitable[Letter | None]]
"""Write the letter from what the transaction shows; None when nothing is to be said."""


class _Claimed(msgspec.Struct, frozen=True, kw_only=True):
    """A letter that this worker alone may send until its lease ends."""

    key: MessageId
    letter: Letter
    email: Email
    until: datetime


async def send_once(
    command: CommandBase,
    context: EffectContext,
    *,
    write: Writing,
) -> None:
    """Send the letter of a command, unless it was sent or its kind is switched off.

    What `write` stores commits together with the claim, so that it is there before the e-mail leaves; without a claim
    none of it is stored. The key is the letter's own, or the command's id. Where the address takes no mail the letter
    goes to its fallback.
    """
    claimed = await _claimed(command, context, write=write)
    if claimed is None:
        return
    try:
        to = await _send(claimed, context)
    except (Outage, Defect) as fault:
        if isinstance(fault, Defect) or fault.undone:
            await _release(claimed, context)
        raise
    async with context.begin() as uow:
        await uow.emails.sent(claimed.key, to=to, message_id=claimed.email.message_id, at=context.clock())
        instead = (
            "" if to == claimed.letter.to else ", to the admin because the address it was for takes no mail"
        )
        await uow.timeline.note(
            _entry(command, claimed.letter, context, "email.sent", f"handed to the mail server{instead}")
        )


async def _send(claimed: _Claimed, context: EffectContext) -> str:
    """Send it, and return the address that took it."""
    email, fallback = claimed.email, claimed.letter.fallback
    try:
        await context.mail.send(email)
    except RecipientRefused:
        if fallback is None or fallback == email.to:
            raise
        await context.mail.send(msgspec.structs.replace(email, to=fallback))
        return fallback
    return email.to


async def _release(claimed: _Claimed, context: EffectContext) -> None:
    """Release the claim, so that the next try need not wait for its lease; when that fails, the lease expires."""
    with suppress(Outage):
        async with context.begin() as uow:
            await uow.emails.release(claimed.key, until=claimed.until, at=context.clock())


class _NothingToSend(Exception):
    """Rolls back what was written for a letter that was sent before, or whose kind is switched off."""


async def _claimed(command: CommandBase, context: EffectContext, *, write: Writing) -> _Claimed | None:
    """Write the letter and claim it in one transaction; None when there is nothing to send."""
    at = context.clock()
    with suppress(_NothingToSend):
        async with context.begin() as uow:
            letter = await write(uow)
            if letter is None:
                return None
            if letter.kind in context.mails_off:
                raise _NothingToSend
            key = letter.key or command.id
            email = context.letters.render(
                letter, message_id=_message_id(key, context), date=command.occurred_at
            )
            claim = _Claimed(key=key, letter=letter, email=email, until=at + SENDING_LEASE)
            if not await uow.emails.claim(
                key,
                kind=letter.kind.value,
                to=letter.to,
                subject=email.subject,
                sale_id=command.sale_id,
                at=at,
                until=claim.until,
            ):
                raise _NothingToSend
        return claim
    return None


def _message_id(key: MessageId, context: EffectContext) -> str:
    """The e-mail's Message-ID (RFC 5322): the same however often it is sent."""
    return f"{key.replace(':', '.')}@{context.mail_domain}"


def _entry(command: CommandBase, letter: Letter, context: EffectContext, kind: str, what: str) -> Entry:
    return Entry(
        subject=command.sale_id or command.id,
        sale_id=command.sale_id,
        at=context.clock(),
        kind=kind,
        what=f"e-mail ({letter.kind.value.replace('_', ' ')}) {what}",
        cause=command.id,
    )
