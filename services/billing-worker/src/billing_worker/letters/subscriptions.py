"""Letters about a subscription: what is true of it and of its organisation when the letter is sent."""

from datetime import datetime

from billing_worker.outbound.context import EffectContext
from egpay.domain.commands import SendLetter
from egpay.domain.errors import Defect, Outage
from egpay.domain.letters import Letter
from egpay.domain.subscription import Subscription, SubscriptionStatus
from egpay.domain.values import OrganisationId
from egpay.ports.storage import UnitOfWork


async def trial_ends(command: SendLetter, uow: UnitOfWork, context: EffectContext) -> Letter | None:
    """The trial ends soon: only while it runs, goes on and costs afterwards, and ends at the time that was found."""
    known = await _known(command, uow)
    trial = known.status is SubscriptionStatus.TRIALING and known.cancel_at is None
    trial = trial and not known.collection_paused
    ends_at = known.current_period_end
    if not trial or ends_at is None or ends_at != command.ends_at or ends_at <= context.clock():
        return None
    return await _to_admin(command, known.organisation_id, uow, at=ends_at)


async def subscription_will_end(
    command: SendLetter, uow: UnitOfWork, context: EffectContext
) -> Letter | None:
    """The end is set: only while it is ahead and still the one that was set."""
    known = await _known(command, uow)
    if known.ended or known.cancel_at is None or known.cancel_at != command.ends_at:
        return None
    if known.cancel_at <= context.clock():
        return None
    return await _to_admin(command, known.organisation_id, uow, at=known.cancel_at)


async def subscription_ended(command: SendLetter, uow: UnitOfWork, _: EffectContext) -> Letter | None:
    """The subscription is over, which is final."""
    known = await _known(command, uow)
    return await _to_admin(command, known.organisation_id, uow) if known.ended else None


async def organisation_letter(command: SendLetter, uow: UnitOfWork, _: EffectContext) -> Letter | None:
    """What an admin hears of an organisation: a further one, or an order that belongs to the one there is."""
    letter = await _to_admin(command, command.organisation_id, uow)
    if letter is None:
        raise Defect(f"there is no organisation {command.organisation_id}")
    return letter


async def _to_admin(
    command: SendLetter, organisation: OrganisationId | None, uow: UnitOfWork, *, at: datetime | None = None
) -> Letter | None:
    account = await uow.accounts.of(organisation) if organisation else None
    if account is None:
        return None
    admin = account.admin
    return Letter(
        kind=command.kind,
        to=admin.email,
        language=await uow.letter_facts.locale(admin.email_key),
        name=admin.name,
        organisation=account.organisation.name,
        at=at,
    )


async def _known(command: SendLetter, uow: UnitOfWork) -> Subscription:
    """The mirror of the subscription; what is not known yet waits."""
    wanted = command.subscription_id
    known = await uow.letter_facts.subscription(wanted) if wanted else None
    if known is None:
        raise Outage(f"subscription {wanted} is not heard of yet", undone=True)
    return known
