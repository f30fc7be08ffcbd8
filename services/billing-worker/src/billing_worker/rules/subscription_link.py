"""A subscription is its sale's from whatever names it first, so that nobody is sold a second one meanwhile."""

from datetime import UTC, datetime

import msgspec

from billing_worker.rules.account_provisioning import provision_account_if_due
from egpay.domain.books import Books
from egpay.domain.errors import Defect
from egpay.domain.events import CheckoutCompleted, EventBase, InvoicePaid
from egpay.domain.sale import Sale
from egpay.domain.subscription import Subscription, SubscriptionStatus
from egpay.domain.values import SaleId

_UNREPORTED = datetime.fromtimestamp(0, tz=UTC)
"""Older than any report of the provider, so that the first one holds."""


def record_subscription(books: Books, sale_id: SaleId, cause: CheckoutCompleted | InvoicePaid) -> Books:
    """Bind the subscription that an event names to its sale, and welcome its owner if it runs already."""
    if cause.subscription_id is None:
        return books
    known = books.subscription(cause.subscription_id)
    subscription = (
        msgspec.structs.replace(known, sale_id=sale_id)
        if known
        else Subscription(
            id=cause.subscription_id,
            status=SubscriptionStatus.INCOMPLETE,
            reported_at=_UNREPORTED,
            customer_id=cause.customer_id,
            sale_id=sale_id,
        )
    )
    return provision_account_if_due(books.with_subscription(subscription), subscription, cause)


def require_sale(books: Books, event: EventBase) -> Sale:
    """Our sale that the event names. Every sale is stored before Stripe hears of it, so one that is missing means
    another database behind the same Stripe account, or data that was lost: Defect, and the event is kept."""
    sale = books.sale(event.sale_id)
    if sale is None:
        raise Defect(f"there is no sale {event.sale_id}")
    return sale
