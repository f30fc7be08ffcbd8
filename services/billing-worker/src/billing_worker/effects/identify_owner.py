"""Effect: looks up the owner of a subscription made at the provider; its e-mail is the identity."""

from billing_worker.outbound.context import EffectContext
from billing_worker.outbound.reenter_event import record_internal_event
from egpay.domain.commands import IdentifyOwner
from egpay.domain.events import OwnerIdentified, OwnerUnknown, Source
from egpay.domain.values import MessageId


async def identify_owner(command: IdentifyOwner, context: EffectContext) -> None:
    """Look up the owner, store it, and record `OwnerIdentified`; without an e-mail record `OwnerUnknown`.

    The owner is the provider's customer. The e-mail stays in the database.
    """
    owner = await context.payments.owner(command.subscription_id)
    if owner is None:
        await record_internal_event(_unknown(command), context)
        return
    async with context.begin() as uow:
        await uow.owners.put(owner)
    await record_internal_event(
        OwnerIdentified(
            id=MessageId(f"owner:{command.subscription_id}:identified"),
            occurred_at=command.occurred_at,
            source=Source.RECONCILE,
            subscription_id=command.subscription_id,
        ),
        context,
    )


def _unknown(command: IdentifyOwner) -> OwnerUnknown:
    return OwnerUnknown(
        id=MessageId(f"{command.id}:unknown"),
        occurred_at=command.occurred_at,
        source=Source.RECONCILE,
        subscription_id=command.subscription_id,
    )
