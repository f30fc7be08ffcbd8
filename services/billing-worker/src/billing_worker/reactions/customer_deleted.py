"""Customer deleted: ends its subscriptions at once, as the provider does, also where their own ends get lost."""

from billing_worker.rules.refunded_subscription import sync_refunded_subscription
from billing_worker.rules.second_subscription import sync_second_subscription
from billing_worker.rules.subscription_link import name_live_subscription
from billing_worker.rules.timeline import add_entry
from billing_worker.rules.unknown_owner import sync_unknown_owner
from egpay.domain.books import Books
from egpay.domain.events import CustomerDeleted


def customer_deleted(event: CustomerDeleted, books: Books) -> Books:
    """End every subscription of the customer that has not ended."""
    for before in sorted(books.subscriptions_of_customer(event.customer_id), key=lambda each: each.id):
        after = before.cancelled_with_customer(event.occurred_at)
        if after == before:
            continue
        what = f"subscription {after.id} is {after.status.value}: its customer was deleted"
        books = add_entry(
            books.with_subscription(after),
            event,
            f"subscription.{after.status.value}",
            what,
            about=after.id,
            sale_id=after.sale_id,
        )
        books = name_live_subscription(books, after.sale_id)
        books = sync_second_subscription(books, before, after, event)
        books = sync_refunded_subscription(books, after.id, event)
        if after.owner_unknown:
            books = sync_unknown_owner(books, after, event)
    return books
