"""Subscription items: changed, added and removed, under Stripe's rules of what one subscription may hold."""

import msgspec

from egpay_sandbox.ids import new_id
from egpay_sandbox.stripe import billing_periods
from egpay_sandbox.stripe.account import SandboxAccount, get_or_404
from egpay_sandbox.stripe.api_errors import StripeApiError, invalid_parameter, missing_resource
from egpay_sandbox.stripe.metadata import merge_metadata
from egpay_sandbox.stripe.objects import Price, Subscription, SubscriptionItem
from egpay_sandbox.stripe.requests.billing import ItemUpdate


def apply_items(account: SandboxAccount, sub: Subscription, changes: list[ItemUpdate]) -> Subscription:
    """Applies changes of items; another interval begins a new period now. It stores nothing."""
    items = {item.id: item for item in sub.items}
    for n, change in enumerate(changes):
        if change.id is None:
            item = _new_item(account, sub, change, n)
        elif change.id not in items:
            raise missing_resource("subscription_item", str(change.id), f"items[{n}][id]", status=400)
        else:
            item = items[change.id]
        if change.deleted:
            items.pop(item.id)
        else:
            items[item.id] = _changed(account, item, change, n)
    if not items:
        raise StripeApiError("A subscription must have at least one active plan.", param="items")
    after = msgspec.structs.replace(sub, items=list(items.values()))
    same = interval_of(account, after) == interval_of(account, sub)
    return after if same or sub.status == "trialing" else _restarted(account, after)


def interval_of(account: SandboxAccount, sub: Subscription) -> tuple[str | None, int]:
    """Returns the one interval of all items."""
    intervals = {
        (account.prices[item.price].interval, account.prices[item.price].interval_count) for item in sub.items
    }
    if len(intervals) > 1:
        raise StripeApiError("egpay-sandbox takes one billing interval a subscription.", param="items")
    return intervals.pop()


def recurring_price(account: SandboxAccount, price_id: str | None, param: str) -> Price:
    """Loads a price that a subscription can have."""
    price = get_or_404(account.prices, price_id or "", param)
    if not price.recurring:
        raise invalid_parameter("The price specified is set to `type=one_time`.", param)
    return price


def _new_item(account: SandboxAccount, sub: Subscription, change: ItemUpdate, n: int) -> SubscriptionItem:
    return SubscriptionItem(
        id=new_id("si"),
        created=account.clock.now(),
        subscription=sub.id,
        price=recurring_price(account, change.price, f"items[{n}][price]").id,
        quantity=1,
        period_start=sub.period_start,
        period_end=sub.period_end,
    )


def _changed(account: SandboxAccount, item: SubscriptionItem, change: ItemUpdate, n: int) -> SubscriptionItem:
    param = f"items[{n}][price]"
    return msgspec.structs.replace(
        item,
        price=recurring_price(account, change.price, param).id if change.price else item.price,
        quantity=item.quantity if change.quantity is None else change.quantity,
        metadata=merge_metadata(item.metadata, change.metadata),
    )


def _restarted(account: SandboxAccount, sub: Subscription) -> Subscription:
    now = account.clock.now()
    interval, count = interval_of(account, sub)
    end = billing_periods.add_interval(now, interval or "month", count)
    items = [msgspec.structs.replace(item, period_start=now, period_end=end) for item in sub.items]
    return msgspec.structs.replace(sub, items=items)
