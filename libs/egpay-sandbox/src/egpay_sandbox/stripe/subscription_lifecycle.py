"""Subscription lifecycle: pauses, resumes, or ends now or with its period."""

import msgspec

from egpay_sandbox.stripe.account import SandboxAccount, get_or_404
from egpay_sandbox.stripe.api_errors import missing_resource, wrong_state
from egpay_sandbox.stripe.objects import Subscription
from egpay_sandbox.stripe.objects.subscription import SubscriptionStatus
from egpay_sandbox.stripe.requests.billing import SubscriptionCancel
from egpay_sandbox.stripe.subscriptions import (
    ENDED_STATUSES,
    schedule_cancellation,
    store_if_changed,
)


def cancel_subscription(
    account: SandboxAccount,
    params: SubscriptionCancel,
    subscription_id: str,
    *,
    reason: str = "cancellation_requested",
) -> Subscription:
    """Ends a subscription for good and emits `customer.subscription.deleted`."""
    before = get_or_404(account.subscriptions, subscription_id)
    if before.status in ENDED_STATUSES:
        raise missing_resource("subscription", subscription_id)
    now, details = account.clock.now(), params.cancellation_details
    after = msgspec.structs.replace(
        before,
        status="canceled",
        canceled_at=before.canceled_at or now,
        ended_at=now,
        cancel_reason=reason,
        cancel_comment=details.comment if details else before.cancel_comment,
        cancel_feedback=details.feedback if details else before.cancel_feedback,
    )
    account.scheduled_jobs.remove(f"end_subscription:{before.id}")
    account.subscriptions.store(after)
    account.emit("customer.subscription.deleted", after)
    return after


def cancel_from_portal(account: SandboxAccount, subscription_id: str) -> Subscription:
    """Cancels like the billing portal in flexible billing: sets `cancel_at`, not `cancel_at_period_end`."""
    before = get_or_404(account.subscriptions, subscription_id)
    if before.status in ENDED_STATUSES:
        raise wrong_state("This subscription has ended.")
    return store_if_changed(
        account, schedule_cancellation(account, before, before.period_end, at_period_end=False), before
    )


def pause_subscription(account: SandboxAccount, subscription_id: str) -> Subscription:
    """Sets status `paused`, with no invoices; not to be confused with `pause_collection`."""
    return _change_status(account, subscription_id, "paused", "customer.subscription.paused")


def resume_subscription(account: SandboxAccount, subscription_id: str) -> Subscription:
    """Resumes to `active` from `paused`, or collects again after `pause_collection`."""
    if get_or_404(account.subscriptions, subscription_id).status == "paused":
        return _change_status(account, subscription_id, "active", "customer.subscription.resumed")
    return resume_collection(account, subscription_id)


def resume_collection(account: SandboxAccount, subscription_id: str) -> Subscription:
    """Collects again after `pause_collection`, by request or when the pause was to end."""
    before = get_or_404(account.subscriptions, subscription_id)
    account.scheduled_jobs.remove(f"resume_collection:{before.id}")
    after = msgspec.structs.replace(before, pause_behavior=None, pause_resumes_at=None)
    return store_if_changed(account, after, before)


def _change_status(
    account: SandboxAccount, subscription_id: str, status: SubscriptionStatus, event_type: str
) -> Subscription:
    before = get_or_404(account.subscriptions, subscription_id)
    if before.status in ENDED_STATUSES or before.status == status:
        raise wrong_state(f"This subscription is {before.status}.")
    paused_at = account.clock.now() if status == "paused" else None
    after = msgspec.structs.replace(before, status=status, paused_at=paused_at)
    account.subscriptions.store(after)
    account.emit(event_type, after, before)
    account.emit("customer.subscription.updated", after, before)
    return after
