"""Subscriptions: listed, stored with their event, and planned to end."""

import msgspec

from egpay_sandbox.stripe.account import SandboxAccount
from egpay_sandbox.stripe.api_errors import invalid_parameter, missing_parameter
from egpay_sandbox.stripe.objects import Subscription
from egpay_sandbox.stripe.objects.subscription import SubscriptionStatus
from egpay_sandbox.stripe.requests.billing import SubscriptionList

ENDED_STATUSES = ("canceled", "incomplete_expired")


def list_subscriptions(account: SandboxAccount, params: SubscriptionList) -> list[Subscription]:
    """Lists newest first; ended ones only with `status=all`, `canceled` or `ended`."""
    return [
        sub
        for sub in account.subscriptions.newest_first()
        if params.customer in (None, sub.customer)
        and (params.price is None or any(item.price == params.price for item in sub.items))
        and _matches_status(params.status, sub.status)
    ]


def store_if_changed(account: SandboxAccount, after: Subscription, before: Subscription) -> Subscription:
    """Stores a changed subscription and emits its event; does nothing for an unchanged one."""
    if after == before:
        return before
    account.subscriptions.store(after)
    account.emit("customer.subscription.updated", after, before)
    return after


def due_days(collection_method: str | None, days: int | None) -> int | None:
    """Returns the days to pay an invoice in, None when the payment method is charged."""
    if collection_method != "send_invoice":
        if days is not None:
            raise invalid_parameter("It goes with a collection_method of `send_invoice`.", "days_until_due")
        return None
    if days is None:
        raise missing_parameter("days_until_due")
    return days


def _matches_status(wanted: str | None, status: SubscriptionStatus) -> bool:
    if wanted is None:
        return status not in ENDED_STATUSES
    return wanted in ("all", status) or (wanted == "ended" and status in ENDED_STATUSES)


def schedule_cancellation(
    account: SandboxAccount, sub: Subscription, at: int, *, at_period_end: bool
) -> Subscription:
    """Plans a subscription's end at `at` (Unix seconds)."""
    account.schedule("end_subscription", sub.id, at=at)
    return msgspec.structs.replace(
        sub,
        cancel_at=at,
        cancel_at_period_end=at_period_end,
        canceled_at=account.clock.now(),
        cancel_reason="cancellation_requested",
    )
