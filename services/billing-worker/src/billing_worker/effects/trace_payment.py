"""Effect: looks up the sale of a refund or dispute at the provider, where the event does not name it."""

import msgspec

from billing_worker.outbound.context import EffectContext
from billing_worker.outbound.reenter_event import record_internal_event
from egpay.domain.commands import TracePayment
from egpay.domain.events import Source
from egpay.domain.foreign import TRACED
from egpay.domain.values import MessageId


async def trace_payment(command: TracePayment, context: EffectContext) -> None:
    """Look up what the payment belongs to, and record the waiting event again with the answer.

    The rules judge the answer like any event: what belongs to nothing of ours is kept with its ids, and judged again
    when one of them turns out to be ours.
    """
    waiting = command.waiting
    trace = await context.payments.trace_payment(waiting.payment_intent_id)
    answered = msgspec.structs.replace(
        waiting,
        id=MessageId(f"{waiting.id}{TRACED}"),
        source=Source.RECONCILE,
        sale_id=trace.sale_id,
        invoice_id=trace.invoice_id,
        subscription_id=trace.subscription_id,
        installation=trace.installation,
        traced=True,
    )
    await record_internal_event(answered, context)
