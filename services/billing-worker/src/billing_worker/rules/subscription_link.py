"""Subscription link: binds it to its sale at the first mention, so that no second is sold meanwhile."""

from datetime import UTC, datetime

import msgspec

from billing_worker.rules.account_provisioning import provision_account_if_due
from egpay.domain.books import Books
from egpay.domain.errors import Defect
from egpay.domain.events import CheckoutCompleted, EventBase, InvoicePaid
from egpay.domain.sale import Sale
from egpay.domain.subscription import Subscription, SubscriptionStatus
from egpay.domain.values import CustomerId, SaleId, SubscriptionId

_UNREPORTED = datetime.fromtimestamp(0, tz=UTC)
"""Older than any report of the provider, so that the first one holds."""
_LAST = datetime.max.replace(tzinfo=UTC)


def record_subscription(
    books: Books, sale_id: SaleId, cause: CheckoutCompleted | InvoicePaid, *, settled: bool
) -> Books:
    """Bind the subscription that an event names to its sale; provision its account if it runs and is settled."""
    if cause.subscription_id is None:
        return books
    known = books.subscription(cause.subscription_id)
    if known is None:
        known = unreported_subscription(cause.subscription_id, customer_id=cause.customer_id)
    subscription = msgspec.structs.replace(known, sale_id=sale_id)
    subscription = subscription.paid_first(settled=settled)
    books = name_live_subscription(books.with_subscription(subscription), sale_id)
    return provision_account_if_due(books, subscription, cause)


def unreported_subscription(
    name: SubscriptionId, *, sale_id: SaleId | None = None, customer_id: CustomerId | None = None
) -> Subscription:
    """A subscription that an event names before its own first report, which then holds."""
    return Subscription(
        id=name,
        status=SubscriptionStatus.INCOMPLETE,
        reported_at=_UNREPORTED,
        customer_id=customer_id,
        sale_id=sale_id,
    )


def is_unreported(subscription: Subscription) -> bool:
    """Whether other events named it, and no report of its own has come."""
    return subscription.reported_at == _UNREPORTED


def name_live_subscription(books: Books, sale_id: SaleId | None) -> Books:
    """Let the sale name a subscription of its that lives, once the one that it names has ended.

    A subscription re-created with our mark (a migration, the dashboard) so takes the dead one's place, also when the
    end of the old one is reported late. Where all have ended it is the one that was started last.
    """
    sale = books.sale(sale_id)
    named = books.subscription(sale.subscription_id) if sale else None
    if sale is None or named is None or not named.ended:
        return books
    own = sorted((one for one in books.subscriptions if one.sale_id == sale_id), key=_age)
    live = [one for one in own if not one.ended]
    heir = live[0] if live else own[-1] if own else named
    if heir.id == sale.subscription_id:
        return books
    return books.with_sale(msgspec.structs.replace(sale, subscription_id=heir.id))


def _age(one: Subscription) -> tuple[datetime, str]:
    return one.started_at or _LAST, one.id


def record_first_payment(books: Books, cause: InvoicePaid) -> Books:
    """Add to a subscription that an invoice of its is settled, also before its own first report.

    Provision its account if it runs.
    """
    if cause.subscription_id is None:
        return books
    known = books.subscription(cause.subscription_id)
    if known is None:
        known = unreported_subscription(
            cause.subscription_id, sale_id=cause.sale_id, customer_id=cause.customer_id
        )
    if known.settled:
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
