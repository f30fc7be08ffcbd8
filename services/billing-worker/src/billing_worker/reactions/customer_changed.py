"""Customer changed: asks again for the owner of subscriptions that wait for one."""

from billing_worker.rules.account_provisioning import request_owner
from egpay.domain.books import Books
from egpay.domain.events import CustomerChanged


def customer_changed(event: CustomerChanged, books: Books) -> Books:
    """Ask who owns the customer's subscriptions whose account is due, once the customer has an e-mail.

    Also while an earlier question is on its way: it may have been answered before the change.
    """
    if not event.reachable:
        return books
    for subscription in sorted(books.subscriptions_of_customer(event.customer_id), key=lambda each: each.id):
        if subscription.awaits_provisioning and subscription.sale_id is None:
            books = books.with_commands(request_owner(subscription, event, again=True))
    return books
