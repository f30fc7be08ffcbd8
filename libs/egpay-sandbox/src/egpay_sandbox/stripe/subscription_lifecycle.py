"""A subscription pauses, resumes, or ends: now, or when its period does."""

import msgspec

from egpay_sandbox.stripe.account import SandboxAccount, sought
from egpay_sandbox.stripe.api_errors import missing_resource, wrong_state
from egpay_sandbox.stripe.objects import Subscription
from egpay_sandbox.stripe.objects.subscription import SubscriptionStatus
from egpay_sandbox.stripe.requests.billing import SubscriptionCancel, SubscriptionUpdate
from egpay_sandbox.stripe.subscriptions import ENDED, ending, keep, update_subscription


def cancel_now(
    account: SandboxAccount,
    asked: SubscriptionCancel,
    subscription_id: str,
    *,
    reason: str = "cancellation_requested",
) -> Subscription:
    """The end, told as `customer.subscription.deleted`; there is no way back."""
    before = sought(account.subscriptions, subscription_id)
    if before.status in ENDED:
        raise missing_resource("subscription", subscription_id)
    now, why = account.clock.now(), asked.cancellation_details
    after = msgspec.structs.replace(
        before,
        status="canceled",
        canceled_at=before.canceled_at or now,
        ended_at=now,
        cancel_reason=reason,
        cancel_comment=why.comment if why else before.cancel_comment,
        cancel_feedback=why.feedback if why else before.cancel_feedback,
    )
    account.errands.remove(f"end_subscription:{before.id}")
    account.subscriptions.put(after)
    account.tell("customer.subscription.deleted", after)
    return after


def cancel_later(account: SandboxAccount, subscription_id: str) -> Subscription:
    """As the billing portal does in flexible billing: `cancel_at` is set, `cancel_at_period_end` is not."""
    before = sought(account.subscriptions, subscription_id)
    if before.status in ENDED:
        raise wrong_state("This subscription has ended.")
    return keep(account, ending(account, before, before.period_end, at_period_end=False), before)


def pause(account: SandboxAccount, subscription_id: str) -> Subscription:
    """Status `paused`, with no invoices; not to be confused with `pause_collection`."""
    return _turn(account, subscription_id, "paused", "customer.subscription.paused")


def resume(account: SandboxAccount, subscription_id: str) -> Subscription:
    """Back to `active` from `paused`, or collecting again after `pause_collection`."""
    if sought(account.subscriptions, subscription_id).status == "paused":
        return _turn(account, subscription_id, "active", "customer.subscription.resumed")
    return update_subscription(account, SubscriptionUpdate(pause_collection=""), subscription_id)


def _turn(
    account: SandboxAccount, subscription_id: str, status: SubscriptionStatus, told: str
) -> Subscription:
    before = sought(account.subscriptions, subscription_id)
    if before.status in ENDED or before.status == status:
        raise wrong_state(f"This subscription is {before.status}.")
    paused_at = account.clock.now() if status == "paused" else None
    after = msgspec.structs.replace(before, status=status, paused_at=paused_at)
    account.subscriptions.put(after)
    account.tell(told, after, before)
    account.tell("customer.subscription.updated", after, before)
    return after
