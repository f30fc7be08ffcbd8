"""Owner unknown: opens a case for a running subscription whose owner only a person can name."""

import msgspec

from billing_worker.rules.unknown_owner import sync_unknown_owner
from egpay.domain.books import Books
from egpay.domain.errors import Defect
from egpay.domain.events import OwnerUnknown


def owner_unknown(event: OwnerUnknown, books: Books) -> Books:
    """Store that the provider has no e-mail of the owner, unless it was named meanwhile."""
    subscription = books.subscription(event.subscription_id)
    if subscription is None:
        raise Defect(f"nothing was heard of subscription {event.subscription_id}")
    if subscription.welcomed or books.owner(subscription.id) is not None:
        return books
    after = msgspec.structs.replace(subscription, owner_unknown=True)
    return sync_unknown_owner(books.with_subscription(after), after, event)
