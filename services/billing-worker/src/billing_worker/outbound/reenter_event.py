"""Internal events: recorded in the inbox like a webhook, so stored, deduplicated and relayed."""

import msgspec

from billing_worker.outbound.context import EffectContext
from egpay.domain.events import BillingEvent
from egpay.ports.inbox import Disposition, Receipt


async def record_internal_event(event: BillingEvent, context: EffectContext) -> None:
    """Record an event of ours under its own id; a second record of it changes nothing."""
    receipt = Receipt(
        source=event.source,
        event_id=event.id,
        type=str(type(event).__struct_config__.tag),
        body=msgspec.json.encode(event.stamped()),
        occurred_at=event.occurred_at,
        disposition=Disposition.ACCEPTED,
        event=event,
        sale_id=event.sale_id,
    )
    await context.inbox.record_many([receipt])
