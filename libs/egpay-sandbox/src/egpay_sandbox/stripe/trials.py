"""Trials: a period that costs nothing, and the event three days before it ends."""

import msgspec

from egpay_sandbox.stripe.account import SandboxAccount, get_or_404
from egpay_sandbox.stripe.api_errors import invalid_parameter, wrong_state
from egpay_sandbox.stripe.objects import Subscription

_NOTICE = 3 * 24 * 3600


def set_trial_end(account: SandboxAccount, sub: Subscription, end: int) -> Subscription:
    """Makes a subscription trial until `end` (Unix seconds), when its period ends; it does not store it."""
    if end < account.clock.now():
        raise invalid_parameter("Invalid timestamp: must be an integer Unix time in the future.", "trial_end")
    schedule_trial_notice(account, sub.id, end)
    items = [msgspec.structs.replace(item, period_end=end) for item in sub.items]
    return msgspec.structs.replace(sub, status="trialing", trial_end=end, items=items)


def schedule_trial_notice(account: SandboxAccount, subscription_id: str, end: int) -> None:
    """Schedules `customer.subscription.trial_will_end`, at once for a trial that is shorter than three days."""
    account.schedule("warn_trial_end", subscription_id, at=max(account.clock.exact(), end - _NOTICE))


def emit_trial_will_end(account: SandboxAccount, subscription_id: str) -> Subscription:
    """Emits `customer.subscription.trial_will_end`; refuses when there is no trial."""
    sub = get_or_404(account.subscriptions, subscription_id)
    if sub.status != "trialing":
        raise wrong_state(f"A subscription that is {sub.status} has no trial to end.")
    account.scheduled_jobs.remove(f"warn_trial_end:{sub.id}")
    account.emit("customer.subscription.trial_will_end", sub)
    return sub
