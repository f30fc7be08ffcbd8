"""Events of a subscription: the provider's reports of it, and who owns one that no sale began."""

from datetime import datetime

from egpay.domain.events.event import EventBase
from egpay.domain.subscription import SubscriptionReport
from egpay.domain.subscription_item import SubscribedItem
from egpay.domain.values import CustomerId, InvoiceId, OrganisationId, SubscriptionId


class SubscriptionChanged(EventBase, frozen=True, kw_only=True, tag="subscription_changed"):
    """A subscription was created, changed or ended; `prices` are the ids of its prices and their products.

    `by_invoice`: a person made it to be paid by invoice. `items` is None in messages of a release that read only
    the first. `ahead`: the provider dated it in our future, so that `occurred_at` is when it was received.
    """

    subscription_id: SubscriptionId
    report: SubscriptionReport
    prices: tuple[str, ...] = ()
    created_at: datetime | None = None
    by_invoice: bool = False
    items: tuple[SubscribedItem, ...] | None = None
    ahead: bool = False


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


class CustomerDeleted(EventBase, frozen=True, kw_only=True, tag="customer_deleted"):
    """A customer of the provider's was deleted, which ends its subscriptions at once."""

    customer_id: CustomerId


class RenewalOverdue(EventBase, frozen=True, kw_only=True, tag="renewal_overdue"):
    """The provider named the oldest unpaid renewal of a subscription, and since when it is owed."""

    subscription_id: SubscriptionId
    invoice_id: InvoiceId
    owed_since: datetime


class AccessDue(EventBase, frozen=True, kw_only=True, tag="access_due"):
    """The access of an organisation is to be derived again, because its grace period ended at `elapsed`.

    None is for an organisation whose access was never stored. `subscription_id` is one of its subscriptions.
    """

    organisation_id: OrganisationId
    subscription_id: SubscriptionId
    elapsed: datetime | None = None
