"""Effect: loads a subscription from the provider when two reports of one second contradict."""

from contextlib import suppress
from datetime import timedelta

import msgspec

from billing_worker.outbound.context import EffectContext
from billing_worker.outbound.reenter_event import record_internal_event
from egpay.domain.commands import RefreshSubscription
from egpay.domain.errors import Defect, Outage
from egpay.domain.events import SubscriptionChanged
from egpay.domain.values import MessageId

_SETTLING = timedelta(seconds=4)
"""After this long the second of the tie is over by any clock, and the answer can be dated after it."""

_LEASE = timedelta(seconds=60)
"""Lease of one worker on the question, before another may ask."""


async def refresh_subscription(command: RefreshSubscription, context: EffectContext) -> None:
    """Load the subscription as it stands now and record it like any report, in single flight.

    One answer settles every tie that was over when it was asked for, so of several commands that wait only the first
    leads to a question.
    """
    now, settled = context.clock(), command.occurred_at + _SETTLING
    if now < settled:
        raise Outage("the second of the tie is not over yet", retry_after=(settled - now).total_seconds())
    subject = f"subscription:{command.subscription_id}"
    if not await context.single_flight.claim(subject, since=settled, at=now, until=now + _LEASE):
        return
    try:
        report = await _ask(command, context)
        await record_internal_event(
            msgspec.structs.replace(report, id=MessageId(f"{command.id}:answered")), context
        )
    except Exception:
        with suppress(Outage):
            await context.single_flight.release(subject)
        raise
    await context.single_flight.answered(subject)


async def _ask(command: RefreshSubscription, context: EffectContext) -> SubscriptionChanged:
    report = await context.payments.subscription(command.subscription_id)
    if report is None:
        raise Defect(f"the provider does not know subscription {command.subscription_id}")
    return report
