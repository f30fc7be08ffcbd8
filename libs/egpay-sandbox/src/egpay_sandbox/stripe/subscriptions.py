"""A subscription is changed: its quantity, its metadata, when it is to end, whether money is collected."""

import msgspec

from egpay_sandbox.stripe.account import SandboxAccount, sought
from egpay_sandbox.stripe.api_errors import StripeApiError, missing_resource, wrong_state
from egpay_sandbox.stripe.metadata import merged
from egpay_sandbox.stripe.objects import Subscription
from egpay_sandbox.stripe.objects.subscription import SubscriptionItem, SubscriptionStatus
from egpay_sandbox.stripe.requests.billing import (
    ItemUpdate,
    PauseCollection,
    SubscriptionList,
    SubscriptionUpdate,
)

ENDED = ("canceled", "incomplete_expired")


def update_subscription(
    account: SandboxAccount, asked: SubscriptionUpdate, subscription_id: str
) -> Subscription:
    """Changes as the API takes them, told as `customer.subscription.updated` when something changed."""
    before = sought(account.subscriptions, subscription_id)
    if before.status in ENDED:
        raise wrong_state("A canceled subscription can only update its cancellation_details and metadata.")
    after = msgspec.structs.replace(
        before,
        metadata=merged(before.metadata, asked.metadata),
        description=before.description if asked.description is None else asked.description or None,
        items=_items(account, before, asked.items or []),
    )
    return keep(account, _paused(_cancelling(account, after, asked), asked), before)


def list_subscriptions(account: SandboxAccount, asked: SubscriptionList) -> list[Subscription]:
    """Newest first; ended ones only with `status=all`, `canceled` or `ended`."""
    return [
        sub
        for sub in account.subscriptions.newest_first()
        if asked.customer in (None, sub.customer)
        and (asked.price is None or any(item.price == asked.price for item in sub.items))
        and _asked_status(asked.status, sub.status)
    ]


def keep(account: SandboxAccount, after: Subscription, before: Subscription) -> Subscription:
    """Keep a changed subscription and tell it; an unchanged one is no news."""
    if after == before:
        return before
    account.subscriptions.put(after)
    account.tell("customer.subscription.updated", after, before)
    return after


def _asked_status(asked: str | None, status: SubscriptionStatus) -> bool:
    if asked is None:
        return status not in ENDED
    return asked in ("all", status) or (asked == "ended" and status in ENDED)


def _cancelling(account: SandboxAccount, sub: Subscription, asked: SubscriptionUpdate) -> Subscription:
    if asked.cancel_at is not None and asked.cancel_at_period_end:
        raise StripeApiError(
            "You may only specify one of: cancel_at, cancel_at_period_end.", param="cancel_at"
        )
    if isinstance(asked.cancel_at, int):
        return ending(account, sub, asked.cancel_at, at_period_end=False)
    if asked.cancel_at_period_end:
        return ending(account, sub, sub.period_end, at_period_end=True)
    if asked.cancel_at == "" or asked.cancel_at_period_end is False:
        account.errands.remove(f"end_subscription:{sub.id}")
        return msgspec.structs.replace(
            sub, cancel_at=None, cancel_at_period_end=False, canceled_at=None, cancel_reason=None
        )
    return sub


def ending(account: SandboxAccount, sub: Subscription, at: int, *, at_period_end: bool) -> Subscription:
    """The subscription with its end planned at `at` (Unix seconds)."""
    account.plan("end_subscription", sub.id, at=at)
    return msgspec.structs.replace(
        sub,
        cancel_at=at,
        cancel_at_period_end=at_period_end,
        canceled_at=account.clock.now(),
        cancel_reason="cancellation_requested",
    )


def _paused(sub: Subscription, asked: SubscriptionUpdate) -> Subscription:
    match asked.pause_collection:
        case None:
            return sub
        case PauseCollection(behavior=behavior, resumes_at=resumes_at):
            return msgspec.structs.replace(sub, pause_behavior=behavior, pause_resumes_at=resumes_at)
        case _:
            return msgspec.structs.replace(sub, pause_behavior=None, pause_resumes_at=None)


def _items(account: SandboxAccount, sub: Subscription, changes: list[ItemUpdate]) -> list[SubscriptionItem]:
    items = {item.id: item for item in sub.items}
    for n, change in enumerate(changes):
        if change.id not in items:
            raise missing_resource("subscription_item", str(change.id), f"items[{n}][id]", status=400)
        item = items[change.id]
        price = sought(account.prices, change.price, f"items[{n}][price]").id if change.price else item.price
        quantity = item.quantity if change.quantity is None else change.quantity
        items[change.id] = msgspec.structs.replace(item, price=price, quantity=quantity)
    return list(items.values())
