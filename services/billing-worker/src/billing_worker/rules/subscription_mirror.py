"""Subscription mirror: plan and seats by the item whose price is ours, and a timeline entry for each change.

Add-ons beside that item say nothing, wherever they stand in the list.
"""

from collections.abc import Iterator

from billing_worker.rules.timeline import add_entry
from egpay.domain.books import Books
from egpay.domain.events import SubscriptionChanged
from egpay.domain.subscription import Subscription
from egpay.domain.subscription_item import PlanReport, SubscribedItem
from egpay.domain.values import ProductId


def plan_report(event: SubscriptionChanged, books: Books) -> PlanReport | None:
    """What a report says of plan and seats; None when it comes without items, as an end may.

    Where no item is ours the first one is taken, which an item of ours outweighs whenever it is reported. On an account
    that sells nothing else (`ADOPT_SUBSCRIPTIONS=all`) every item is ours.
    """
    if event.items is None:
        return PlanReport(quantity=event.report.quantity)
    for item in event.items:
        is_ours, plan = _judged(item, books)
        if is_ours:
            return PlanReport(quantity=item.quantity, plan=plan, price_id=item.price_id, own=True)
    if not event.items:
        return None
    first, this = event.items[0], books.installation
    adopted = this is not None and this.adopts_since is not None
    return PlanReport(quantity=first.quantity, price_id=first.price_id, own=adopted)


def _judged(item: SubscribedItem, books: Books) -> tuple[bool, ProductId | None]:
    """Whether an item is ours, and its product: by its price, by its product at the provider, or by our mark."""
    named = (item.price_id, item.product_id)
    known = [books.loaded.known_prices[name] for name in named if name in books.loaded.known_prices]
    this = books.installation
    marked = item.marked_product if this is not None and item.installation == this.id else None
    plan = next((one.product for one in known if one.product), marked)
    return bool(known) or marked is not None, plan


def add_change_lines(
    books: Books, before: Subscription | None, after: Subscription, event: SubscriptionChanged
) -> Books:
    """Add one entry for each change; the first report of a subscription is no change."""
    if before is None or before.plan_reported_at is None:
        return books
    for kind, what in _changes(before, after, event):
        books = add_entry(books, event, f"subscription.{kind}", what, about=after.id, sale_id=after.sale_id)
    return books


def _changes(
    before: Subscription, after: Subscription, event: SubscriptionChanged
) -> Iterator[tuple[str, str]]:
    if (before.plan, before.price_id) != (after.plan, after.price_id):
        yield "plan", f"plan {_plan(before)} became {_plan(after)}"
    if before.quantity != after.quantity:
        yield "seats", f"{before.quantity} seats became {after.quantity}"
    if before.cancel_at != after.cancel_at and not after.ended:
        end = (
            f"it will end at {after.cancel_at:%Y-%m-%d %H:%M} UTC"
            if after.cancel_at
            else "no end is set any more"
        )
        yield "end", end
    if before.collection_paused != after.collection_paused:
        yield (
            "collection",
            f"collection of its invoices {'is paused' if after.collection_paused else 'goes on'}",
        )
    if _lost_its_item(before, after, event):
        yield "items", "none of its items is of our catalogue; plan and seats stay"


def _plan(one: Subscription) -> str:
    return f"{one.plan or 'unknown'} ({one.price_id or 'no price'})"


def _lost_its_item(before: Subscription, after: Subscription, event: SubscriptionChanged) -> bool:
    """Whether the newest report has no item of ours, and the one before it had; later ones repeat it."""
    had = before.plan_known and before.plan_reported_at == before.reported_at
    return (
        had
        and event.occurred_at > before.reported_at
        and after.plan_reported_at == before.plan_reported_at
        and bool(event.items)
    )
