"""Effect: looks up since when a subscription owes, where no event has said it."""

from billing_worker.outbound.context import EffectContext
from billing_worker.outbound.reenter_event import record_internal_event
from egpay.domain.commands import FindOverdueRenewal
from egpay.domain.events import RenewalOverdue, Source
from egpay.domain.values import MessageId


async def find_overdue_renewal(command: FindOverdueRenewal, context: EffectContext) -> None:
    """Look up the oldest unpaid renewal and record it; nothing is recorded when it was paid meanwhile."""
    owed = await context.payments.unpaid_renewal(command.subscription_id)
    if owed is None:
        return
    await record_internal_event(
        RenewalOverdue(
            id=MessageId(f"{command.id}:answered"),
            occurred_at=command.occurred_at,
            source=Source.RECONCILE,
            sale_id=command.sale_id,
            subscription_id=command.subscription_id,
            invoice_id=owed.invoice_id,
            owed_since=owed.owed_since,
        ),
        context,
    )
