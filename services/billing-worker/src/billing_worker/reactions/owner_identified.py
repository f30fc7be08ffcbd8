"""A subscription that was made at the provider has an owner now: who runs one is let in, wherever it was bought."""

from billing_worker.rules.account_provisioning import provision_account_if_due
from egpay.domain.books import Books
from egpay.domain.errors import Defect
from egpay.domain.events import OwnerIdentified


def owner_identified(event: OwnerIdentified, books: Books) -> Books:
    """Welcome the owner of the subscription, if it still runs."""
    subscription = books.subscription(event.subscription_id)
    if subscription is None:
        raise Defect(f"nothing was heard of subscription {event.subscription_id}")
    return provision_account_if_due(books, subscription, event)
