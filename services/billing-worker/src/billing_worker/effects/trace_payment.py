"""Effect: looks up the sale of a refund or dispute at the provider, where the event does not name it."""

import msgspec

from billing_worker.outbound.context import EffectContext
from billing_worker.outbound.reenter_event import record_internal_event
from egpay.domain.commands import TracePayment
from egpay.domain.events import Source
from egpay.domain.timeline import Entry
from egpay.domain.values import MessageId


async def trace_payment(command: TracePayment, world: EffectContext) -> None:
    """Look up what the payment belongs to, and record the waiting event again with the answer.

    One that belongs to nothing of ours (another product on the same account) gets a timeline entry and no event.
    """
    waiting = command.waiting
    trace = await world.payments.trace_payment(waiting.payment_intent_id)
    if trace.sale_id is None and trace.invoice_id is None:
        async with world.begin() as uow:
            await uow.timeline.note(
                Entry(
                    subject=waiting.payment_intent_id,
                    at=world.clock(),
                    kind="payment.foreign",
                    what="the payment belongs to nothing of ours",
                    cause=command.id,
                )
            )
        return
    answered = msgspec.structs.replace(
        waiting,
        id=MessageId(f"{waiting.id}:traced"),
        source=Source.RECONCILE,
        sale_id=trace.sale_id,
        invoice_id=trace.invoice_id,
    )
    await record_internal_event(answered, world)
