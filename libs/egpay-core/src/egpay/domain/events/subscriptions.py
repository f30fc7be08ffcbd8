"""Events of a subscription: the provider's reports of it, and who owns one that no sale began."""

from datetime import datetime

from egpay.domain.events.event import EventBase
from egpay.domain.subscription import SubscriptionReport
from egpay.domain.values import CustomerId, SubscriptionId


class SubscriptionChanged(EventBase, frozen=True, kw_only=True, tag="subscription_changed"):
    """A subscription was created, changed or ended; `prices` are the ids of its prices and their products.

    `by_invoice`: a person made it to be paid by invoice.
    """

    subscription_id: SubscriptionId
    report: SubscriptionReport
    prices: tuple[str, ...] = ()
    created_at: datetime | None = None
    by_invoice: bool = False


class OwnerIdentified(EventBase, frozen=True, kw_only=True, tag="owner_identified"):
    """The provider named the owner of a subscription that no sale began; the data stays in the database."""

    subscription_id: SubscriptionId


class OwnerUnknown(EventBase, frozen=True, kw_only=True, tag="owner_unknown"):
    """The provider has no e-mail of the owner: its customer was deleted or has none."""

    subscription_id: SubscriptionId


class CustomerChanged(EventBase, frozen=True, kw_only=True, tag="customer_changed"):
    """A customer of the provider's was changed; `reachable`: an owner of its subscriptions can be found."""

    customer_id: CustomerId
    reachable: bool = False
