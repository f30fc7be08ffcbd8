"""Effect: ends a subscription, for an operator or because its money is gone; its webhook then says that it ends."""

from billing_worker.outbound.context import EffectContext
from egpay.domain.commands import EndSubscription
from egpay.domain.errors import RequestRefused
from egpay.domain.timeline import Entry


async def end_subscription(command: EndSubscription, context: EffectContext) -> None:
    """End it under the command's id as idempotency key, and note it on the timeline, also that it was refused.

    A refusal for good raises Defect as well: the subscription goes on, and the dead letter can be replayed.
    """
    why = f"act {command.act}" if command.act else "its money is gone"
    how = "with its period" if command.at_period_end else "at once"
    try:
        await context.payments.end_subscription(
            command.subscription_id, at_period_end=command.at_period_end, key=command.id
        )
    except RequestRefused as refusal:
        words = " ".join(filter(None, (refusal.code or "refused", refusal.param, refusal.request_id)))
        await _note(command, context, "subscription.end_refused", f"{why}: Stripe does not end it ({words})")
        raise
    await _note(command, context, "subscription.ending", f"{why}: the provider was asked to end it {how}")


async def _note(command: EndSubscription, context: EffectContext, kind: str, what: str) -> None:
    async with context.begin() as uow:
        await uow.timeline.note(
            Entry(
                subject=command.subscription_id,
                sale_id=command.sale_id,
                at=context.clock(),
                kind=kind,
                what=what,
                cause=command.id,
            )
        )
