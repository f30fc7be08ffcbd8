"""Subscription end: cancels a subscription at Stripe, at once or with its period, once for each key."""

import msgspec

from egpay.adapters.stripe.outbound.client import StripeApi, path_id, read
from egpay.domain.errors import Defect
from egpay.domain.values import SubscriptionId

_ENDED = frozenset({"canceled", "incomplete_expired"})


class SubscriptionStatusView(msgspec.Struct, frozen=True):
    """The part of a subscription that says whether it has ended."""

    status: str


async def end_subscription(
    api: StripeApi, subscription: SubscriptionId, *, at_period_end: bool, key: str
) -> None:
    """End it (docs.stripe.com/billing/subscriptions/cancel); Stripe refuses what has ended, which is then no fault."""
    path = f"/v1/subscriptions/{path_id(subscription, 'subscription')}"
    try:
        if at_period_end:
            await api.post(path, {"cancel_at_period_end": True}, idempotency_key=key)
        else:
            await api.delete(path)
    except Defect:
        answer = await api.get(path)
        if answer is not None and read(answer, SubscriptionStatusView).status not in _ENDED:
            raise
