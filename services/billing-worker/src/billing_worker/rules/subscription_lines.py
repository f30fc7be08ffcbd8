"""Subscription lines: a timeline entry for each change of plan, seats, scheduled end and pause of collection."""

from collections.abc import Iterator

from billing_worker.rules.timeline import add_entry
from egpay.domain.books import Books
from egpay.domain.events import SubscriptionChanged
from egpay.domain.subscription import Subscription


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
