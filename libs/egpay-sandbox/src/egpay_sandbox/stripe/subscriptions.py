"""Subscription updates: quantity, metadata, end, and whether money is collected."""

import msgspec

from egpay_sandbox.stripe.account import SandboxAccount, get_or_404
from egpay_sandbox.stripe.api_errors import StripeApiError, missing_resource, wrong_state
from egpay_sandbox.stripe.discounts import discount_subscription, resolve_discount
from egpay_sandbox.stripe.metadata import merge_metadata
from egpay_sandbox.stripe.objects import Subscription
from egpay_sandbox.stripe.objects.subscription import SubscriptionItem, SubscriptionStatus
from egpay_sandbox.stripe.requests.billing import (
    ItemUpdate,
    PauseCollection,
    SubscriptionList,
    SubscriptionUpdate,
)
from egpay_sandbox.stripe.requests.coupons import DiscountParams

ENDED_STATUSES = ("canceled", "incomplete_expired")


def update_subscription(
    account: SandboxAccount, params: SubscriptionUpdate, subscription_id: str
) -> Subscription:
    """Applies the API's changes; emits `customer.subscription.updated` when something changed."""
    before = get_or_404(account.subscriptions, subscription_id)
    if before.status in ENDED_STATUSES:
        raise wrong_state("A canceled subscription can only update its cancellation_details and metadata.")
    after = msgspec.structs.replace(
        before,
        metadata=merge_metadata(before.metadata, params.metadata),
        description=before.description if params.description is None else params.description or None,
        items=_apply_items(account, before, params.items or []),
    )
    after = _apply_discounts(account, after, params)
    return store_if_changed(
        account, _apply_pause(_apply_cancellation(account, after, params), params), before
    )


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


def _matches_status(wanted: str | None, status: SubscriptionStatus) -> bool:
    if wanted is None:
        return status not in ENDED_STATUSES
    return wanted in ("all", status) or (wanted == "ended" and status in ENDED_STATUSES)


def _apply_cancellation(
    account: SandboxAccount, sub: Subscription, params: SubscriptionUpdate
) -> Subscription:
    if params.cancel_at is not None and params.cancel_at_period_end:
        raise StripeApiError(
            "You may only specify one of: cancel_at, cancel_at_period_end.", param="cancel_at"
        )
    if isinstance(params.cancel_at, int):
        return schedule_cancellation(account, sub, params.cancel_at, at_period_end=False)
    if params.cancel_at_period_end:
        return schedule_cancellation(account, sub, sub.period_end, at_period_end=True)
    if params.cancel_at == "" or params.cancel_at_period_end is False:
        account.scheduled_jobs.remove(f"end_subscription:{sub.id}")
        return msgspec.structs.replace(
            sub, cancel_at=None, cancel_at_period_end=False, canceled_at=None, cancel_reason=None
        )
    return sub


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


def _apply_discounts(account: SandboxAccount, sub: Subscription, params: SubscriptionUpdate) -> Subscription:
    if params.discounts is None:
        return sub
    if sub.discount is not None:
        account.emit("customer.discount.deleted", account.discounts[sub.discount])
        sub = msgspec.structs.replace(sub, discount=None)
    for discount in params.discounts:
        if isinstance(discount, DiscountParams):
            redeemed = resolve_discount(account, discount, "discounts[0]")
            sub = discount_subscription(account, sub, redeemed)
    return sub


def _apply_pause(sub: Subscription, params: SubscriptionUpdate) -> Subscription:
    match params.pause_collection:
        case None:
            return sub
        case PauseCollection(behavior=behavior, resumes_at=resumes_at):
            return msgspec.structs.replace(sub, pause_behavior=behavior, pause_resumes_at=resumes_at)
        case _:
            return msgspec.structs.replace(sub, pause_behavior=None, pause_resumes_at=None)


def _apply_items(
    account: SandboxAccount, sub: Subscription, changes: list[ItemUpdate]
) -> list[SubscriptionItem]:
    items = {item.id: item for item in sub.items}
    for n, change in enumerate(changes):
        if change.id not in items:
            raise missing_resource("subscription_item", str(change.id), f"items[{n}][id]", status=400)
        item = items[change.id]
        price = (
            get_or_404(account.prices, change.price, f"items[{n}][price]").id if change.price else item.price
        )
        quantity = item.quantity if change.quantity is None else change.quantity
        items[change.id] = msgspec.structs.replace(item, price=price, quantity=quantity)
    return list(items.values())
