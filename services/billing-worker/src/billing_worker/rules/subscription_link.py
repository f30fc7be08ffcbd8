"""Subscription link: binds it to its sale at the first mention, so that no second is sold meanwhile."""

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


def record_subscription(
    books: Books, sale_id: SaleId, cause: CheckoutCompleted | InvoicePaid, *, settled: bool
) -> Books:
    """Bind the subscription that an event names to its sale; provision its account if it runs and is settled."""
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
    subscription = subscription.paid_first(settled=settled)
    return provision_account_if_due(books.with_subscription(subscription), subscription, cause)


def record_first_payment(books: Books, cause: InvoicePaid) -> Books:
    """Add to a known subscription that an invoice of its is settled; provision its account if it runs."""
    known = books.subscription(cause.subscription_id)
    if known is None or known.settled:
        return books
    paid = known.paid_first()
    return provision_account_if_due(books.with_subscription(paid), paid, cause)


def require_sale(books: Books, event: EventBase) -> Sale:
    """Return our sale that the event names; a missing one is a Defect, so the event is dead-lettered.

    Every sale is stored before Stripe is called, and a foreign mark is set aside before, so a missing one means lost
    data.
    """
    sale = books.sale(event.sale_id)
    if sale is None:
        raise Defect(f"there is no sale {event.sale_id}")
    return sale
