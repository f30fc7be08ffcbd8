"""Effect: loads a dispute from the provider when two reports of one second contradict."""

from datetime import timedelta

import msgspec

from billing_worker.outbound.context import EffectContext
from billing_worker.outbound.reenter_event import record_internal_event
from egpay.domain.commands import RefreshDispute
from egpay.domain.errors import Defect, Outage
from egpay.domain.events import Source
from egpay.domain.values import MessageId

_SETTLING = timedelta(seconds=4)
"""After this long the second of the tie is over by any clock, and the answer can be dated after it."""


async def refresh_dispute(command: RefreshDispute, context: EffectContext) -> None:
    """Load the dispute as it stands now, and record it like any report about the same payment.

    Ties of disputes are rare, so that each is asked about: a second answer changes nothing.
    """
    now, settled = context.clock(), command.waiting.occurred_at + _SETTLING
    if now < settled:
        raise Outage("the second of the tie is not over yet", retry_after=(settled - now).total_seconds())
    report = await context.payments.dispute(command.waiting.dispute_id)
    if report is None:
        raise Defect(f"the provider does not know dispute {command.waiting.dispute_id}")
    known = command.waiting
    answered = msgspec.structs.replace(
        report,
        id=MessageId(f"{command.id}:answered"),
        source=Source.RECONCILE,
        sale_id=known.sale_id,
        installation=known.installation,
        invoice_id=known.invoice_id,
        subscription_id=known.subscription_id,
        traced=known.traced,
    )
    await record_internal_event(answered, context)
