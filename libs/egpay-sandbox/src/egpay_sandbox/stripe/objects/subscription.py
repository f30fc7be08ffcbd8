"""Subscription objects: what a customer agreed to pay every period."""

from typing import Literal

import msgspec

from egpay_sandbox.stripe.objects.customer import Metadata

SubscriptionStatus = Literal[
    "incomplete", "incomplete_expired", "trialing", "active", "past_due", "canceled", "unpaid", "paused"
]


class SubscriptionItem(
    msgspec.Struct, frozen=True, kw_only=True, tag="subscription_item", tag_field="object"
):
    """One price of a subscription with its own period (Unix seconds), as since 2025-03-31.basil."""

    id: str
    created: int
    subscription: str
    price: str
    quantity: int
    period_start: int
    period_end: int
    metadata: Metadata = {}


class Subscription(msgspec.Struct, frozen=True, kw_only=True, tag="subscription", tag_field="object"):
    """Subscription (docs.stripe.com/api/subscriptions/object); with `days_until_due` it is paid by invoice."""

    id: str
    created: int
    customer: str
    currency: str
    status: SubscriptionStatus
    items: list[SubscriptionItem]
    metadata: Metadata = {}
    description: str | None = None
    latest_invoice: str | None = None
    trial_end: int | None = None
    default_payment_method: str | None = None
    discount: str | None = None
    days_until_due: int | None = None
    cancel_at: int | None = None
    cancel_at_period_end: bool = False
    canceled_at: int | None = None
    ended_at: int | None = None
    cancel_reason: str | None = None
    cancel_comment: str | None = None
    cancel_feedback: str | None = None
    pause_behavior: str | None = None
    pause_resumes_at: int | None = None
    paused_at: int | None = None

    @property
    def period_end(self) -> int:
        """When the current period ends, in Unix seconds."""
        return max(item.period_end for item in self.items)

    @property
    def period_start(self) -> int:
        """When the current period began, in Unix seconds."""
        return min(item.period_start for item in self.items)
