"""Own item: the item of a subscription whose price is ours says plan and seats; add-ons beside it say nothing."""

from egpay.domain.books import Books
from egpay.domain.events import SubscriptionChanged
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
