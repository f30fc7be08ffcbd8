"""Subscription report: the provider's eight statuses, and the state that one report names."""

from datetime import datetime
from enum import StrEnum

import msgspec

from egpay.domain.values import CustomerId


class SubscriptionStatus(StrEnum):
    """Stripe's eight statuses (docs.stripe.com/api/subscriptions/object#subscription_object-status)."""

    INCOMPLETE = "incomplete"
    INCOMPLETE_EXPIRED = "incomplete_expired"
    TRIALING = "trialing"
    ACTIVE = "active"
    PAST_DUE = "past_due"
    CANCELED = "canceled"
    UNPAID = "unpaid"
    PAUSED = "paused"


ENDED = frozenset({SubscriptionStatus.CANCELED, SubscriptionStatus.INCOMPLETE_EXPIRED})
"""Final at Stripe: a subscription in one of these never lives again."""


class SubscriptionReport(msgspec.Struct, frozen=True, kw_only=True):
    """Report of a subscription's state at one moment; `cancel_at` and `current_period_end` in UTC.

    `quantity` is the first item's, for releases that read no items. `collection_paused`: its invoices are not collected.
    """

    status: SubscriptionStatus
    quantity: int = 1
    customer_id: CustomerId | None = None
    current_period_end: datetime | None = None
    cancel_at: datetime | None = None
    collection_paused: bool = False
