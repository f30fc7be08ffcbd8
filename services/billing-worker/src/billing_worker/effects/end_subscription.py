"""Effect: ends a subscription, for an operator or because its money is gone; its webhook then says that it ends."""

from billing_worker.outbound.context import EffectContext
from egpay.domain.commands import EndSubscription
from egpay.domain.timeline import Entry


async def end_subscription(command: EndSubscription, context: EffectContext) -> None:
    """End it under the command's id as idempotency key, and note it on the timeline."""
    await context.payments.end_subscription(
        command.subscription_id, at_period_end=command.at_period_end, key=command.id
    )
    why = f"act {command.act}" if command.act else "its money is gone"
    how = "with its period" if command.at_period_end else "at once"
    async with context.begin() as uow:
        await uow.timeline.note(
            Entry(
                subject=command.subscription_id,
                sale_id=command.sale_id,
                at=context.clock(),
                kind="subscription.ending",
                what=f"{why}: the provider was asked to end it {how}",
                cause=command.id,
            )
        )
