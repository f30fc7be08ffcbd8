"""A Checkout page is closed before another takes its place, so that nobody pays on both.

docs.stripe.com/api/checkout/sessions/expire
"""

from datetime import datetime

import msgspec

from egpay.adapters.stripe.outbound.client import StripeApi, read
from egpay.domain.errors import Defect
from egpay.domain.values import SessionId


class SessionStatusView(msgspec.Struct, frozen=True):
    """The part of a session that says whether it can still be paid on: `open`, `complete` or `expired`."""

    status: str


async def expire(api: StripeApi, session: SessionId, *, at: datetime) -> bool:
    """Expire a session; false when its buyer has completed it. Stripe refuses to expire what is not open, and says
    so only in prose: then the session itself is asked. The key is of this second, for a failure of Stripe's own
    would else be replayed for a day."""
    path, key = f"/v1/checkout/sessions/{session}", f"expire:{session}:{int(at.timestamp())}"
    try:
        await api.post(f"{path}/expire", {}, idempotency_key=key)
    except Defect:
        answer = await api.get(path)
        status = read(answer, SessionStatusView).status if answer else "expired"
        if status == "open":
            raise
        return status != "complete"
    return True
