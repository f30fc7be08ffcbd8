"""Effect: gives money back at the provider, once for each act; its own report then says that it did."""

from billing_worker.outbound.context import EffectContext
from billing_worker.outbound.reenter_event import record_internal_event
from egpay.domain.commands import RefundPayment
from egpay.domain.currencies import shown
from egpay.domain.errors import RequestRefused
from egpay.domain.events import RefundRefused, Source
from egpay.domain.timeline import Entry
from egpay.domain.values import MessageId
from egpay.ports.payments import RefundOrder


async def refund_payment(command: RefundPayment, context: EffectContext) -> None:
    """Ask for it under the command's id as idempotency key; a refusal for good is recorded as an event.

    Nothing is booked here: the provider's event ends the request, as it does for a refund made there by hand.
    """
    order = RefundOrder(
        act=command.act,
        amount=command.amount,
        currency=command.currency,
        payment_intent_id=command.payment_intent_id,
        invoice_id=command.invoice_id,
        sale_id=command.sale_id,
    )
    try:
        refund = await context.payments.refund(order, key=command.id)
    except RequestRefused as refusal:
        await record_internal_event(_refused(command, refusal, context), context)
        return
    async with context.begin() as uow:
        await uow.timeline.note(
            Entry(
                subject=command.sale_id or command.payment_id,
                sale_id=command.sale_id,
                at=context.clock(),
                kind="refund.made",
                what=f"the provider gives back {shown(command.amount, command.currency)}: refund {refund}",
                cause=command.id,
            )
        )


def _refused(command: RefundPayment, refusal: RequestRefused, context: EffectContext) -> RefundRefused:
    """The event of a refusal: the same under the command's id, however often it is tried."""
    return RefundRefused(
        id=MessageId(f"{command.id}:refused"),
        occurred_at=context.clock(),
        source=Source.RECONCILE,
        sale_id=command.sale_id,
        payment_id=command.payment_id,
        act=command.act,
        amount=command.amount,
        code=refusal.code,
        param=refusal.param,
        request_id=refusal.request_id,
        invoice_id=command.invoice_id,
        payment_intent_id=command.payment_intent_id,
    )
