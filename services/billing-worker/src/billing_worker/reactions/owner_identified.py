"""Owner identified: provisions the account of a running subscription made at the provider."""

from billing_worker.rules.account_provisioning import provision_account_if_due
from egpay.domain.books import Books
from egpay.domain.errors import Defect
from egpay.domain.events import OwnerIdentified


def owner_identified(event: OwnerIdentified, books: Books) -> Books:
    """Provision the owner's account if the subscription still runs, wherever it was bought."""
    subscription = books.subscription(event.subscription_id)
    if subscription is None:
        raise Defect(f"nothing was heard of subscription {event.subscription_id}")
    return provision_account_if_due(books, subscription, event)
