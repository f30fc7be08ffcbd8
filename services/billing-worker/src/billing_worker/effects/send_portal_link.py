"""Effect: e-mails a link to the billing portal to the owner of a live subscription, if there is one."""

from datetime import timedelta

from billing_worker.outbound.context import EffectContext
from billing_worker.outbound.email_sender import send_once
from egpay.domain.account import token_hash
from egpay.domain.commands import SendPortalLink
from egpay.domain.letters import Letter, LetterKind
from egpay.domain.portal_link import LINK_LIFETIME, MAIL_INTERVAL
from egpay.ports.storage import UnitOfWork

_KEPT = timedelta(days=1)
"""Age at which requests and links are deleted: they hold an e-mail, and work for half an hour."""


async def send_portal_link(command: SendPortalLink, context: EffectContext) -> None:
    """Issue the link and send it to the address on record; drop a request that leads to none.

    Whether the e-mail is known shows here alone, so that the route answers the same at the same time.
    """

    async def write(uow: UnitOfWork) -> Letter | None:
        now, links = context.clock(), uow.portal_links
        await links.drop_older(now - _KEPT)
        key = await links.requested(command.link_id)
        if key is None:
            return None
        to = await links.addressee(key)
        if to is None or await links.has_unused(key, beside=command.link_id, since=now - MAIL_INTERVAL):
            await links.drop(command.link_id)
            return None
        token = context.portal_token(command.id, key)
        await links.issue(command.link_id, token_hash(token), until=now + LINK_LIFETIME)
        language = await uow.letter_facts.locale(key)
        return Letter(kind=LetterKind.PORTAL_LINK, to=to, language=language, token=token)

    await send_once(command, context, write=write)
