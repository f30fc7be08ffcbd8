"""Public events: news for the product, under `billing.public.<name>`; ids, versions and facts, no person.

Each tells the state of one object, so that the newest version alone is enough, and an older one that comes late can be
dropped (docs/product.md).
"""

from datetime import datetime
from enum import StrEnum
from typing import TypeAlias, get_args

from egpay.domain.access import AccessLevel
from egpay.domain.events.event import EventBase
from egpay.domain.shipment import ShipmentStatus
from egpay.domain.subscription import SubscriptionStatus
from egpay.domain.values import MessageId, OrganisationId, ProductId, SubscriptionId, UserId


class PublicEventBase(EventBase, frozen=True, kw_only=True, gc=False):
    """Base of public events: `version` grows with each change of the object, and is unique to one state of it."""

    version: int


class OrganisationOpened(PublicEventBase, frozen=True, kw_only=True, gc=False, tag="organisation.opened"):
    """An organisation was opened; `user_id` is its admin's, whom the introduction invites."""

    organisation_id: OrganisationId
    user_id: UserId


class OrganisationChanged(PublicEventBase, frozen=True, kw_only=True, gc=False, tag="organisation.changed"):
    """What an organisation is called, or who its admin is, changed."""

    organisation_id: OrganisationId
    user_id: UserId


class AccessChanged(PublicEventBase, frozen=True, kw_only=True, gc=False, tag="access.changed"):
    """The access of an organisation changed: the same that `GET /v1/organisations/{id}/access` answers.

    `until` is when the level ends by itself: at that moment grace is none, also before the next version says so.
    """

    organisation_id: OrganisationId
    access: AccessLevel
    why: str
    seats: int
    until: datetime | None = None
    plan: ProductId | None = None


class PublicSubscriptionChanged(
    PublicEventBase, frozen=True, kw_only=True, gc=False, tag="subscription.changed"
):
    """A subscription of an organisation changed; whether it gives access is told by `access.changed`."""

    organisation_id: OrganisationId
    subscription_id: SubscriptionId
    status: SubscriptionStatus
    seats: int
    plan: ProductId | None = None
    cancel_at: datetime | None = None
    collection_paused: bool = False


class SalePaid(PublicEventBase, frozen=True, kw_only=True, gc=False, tag="sale.paid"):
    """The money of a sale is settled, and none of it went back."""


class SaleRefunded(PublicEventBase, frozen=True, kw_only=True, gc=False, tag="sale.refunded"):
    """Money of a sale went back, by a refund, a lost dispute or a credit note; `gone` in minor units."""

    gone: int
    currency: str
    in_full: bool = False


class ShipmentChanged(PublicEventBase, frozen=True, kw_only=True, gc=False, tag="shipment.changed"):
    """The shipment of a sale or the tracking of its parcels changed; `GET /v1/sales/{id}` lists the parcels."""

    status: ShipmentStatus


PublicEvent: TypeAlias = (
    OrganisationOpened
    | OrganisationChanged
    | AccessChanged
    | PublicSubscriptionChanged
    | SalePaid
    | SaleRefunded
    | ShipmentChanged
)
PUBLIC_EVENTS: tuple[type[PublicEvent], ...] = get_args(PublicEvent)
"""The closed set, from which subjects, webhooks and their description are derived."""


class PublicObject(StrEnum):
    """Public object: what a version counts for; the word before the point of its events' names."""

    ORGANISATION = "organisation"
    ACCESS = "access"
    SUBSCRIPTION = "subscription"
    SALE = "sale"
    SHIPMENT = "shipment"

    def of(self, name: str) -> str:
        """The object of this kind that has this id: `access:org_...`, `sale:sale_...`."""
        return f"{self.value}:{name}"


def object_of(event: PublicEvent) -> str:
    """The object that an event tells about."""
    match event:
        case PublicSubscriptionChanged():
            return PublicObject.SUBSCRIPTION.of(event.subscription_id)
        case SalePaid() | SaleRefunded():
            return PublicObject.SALE.of(event.sale_id or "")
        case ShipmentChanged():
            return PublicObject.SHIPMENT.of(event.sale_id or "")
        case AccessChanged():
            return PublicObject.ACCESS.of(event.organisation_id)
        case OrganisationOpened() | OrganisationChanged():
            return PublicObject.ORGANISATION.of(event.organisation_id)


def public_id(of: str, version: int) -> MessageId:
    """The id of the event about one version of an object, the same however often it is published."""
    return MessageId(f"public:{of}:{version}")
