"""Sale status: reports a purchase to the holder of its unguessable id, without personal data."""

import re
from dataclasses import dataclass
from datetime import datetime

import msgspec

from egpay.domain.errors import Refusal
from egpay.domain.order import PaymentMethod
from egpay.domain.parcels import SentParcel
from egpay.domain.sale import SaleStatus
from egpay.domain.shipment import Shipment, ShipmentStatus
from egpay.domain.subscription import Subscription, SubscriptionStatus
from egpay.domain.values import SaleId
from egpay.ports.storage import Begin

_SALE_ID = re.compile(r"sale_[a-z0-9]{20,40}")


class NoSuchSale(Refusal):
    """There is no sale with this id."""


def sale_id_in(text: str) -> SaleId:
    """The sale's id of a path. Raises NoSuchSale for what has not the form of one."""
    if not _SALE_ID.fullmatch(text):
        raise NoSuchSale("there is no such sale")
    return SaleId(text)


class SubscriptionState(msgspec.Struct, frozen=True):
    """Stripe's word for it; `cancel_at` is when it will end, if that is settled."""

    status: SubscriptionStatus
    current_period_end: datetime | None
    cancel_at: datetime | None


class ShipmentState(msgspec.Struct, frozen=True):
    """Where the devices are."""

    status: ShipmentStatus
    carrier: str | None
    tracking_number: str | None
    tracking_url: str | None


class SaleState(msgspec.Struct, frozen=True):
    """A purchase as its buyer may see it; what there is none of is null.

    `shipments` are its parcels, oldest first; what is yet to leave is one of them. `shipment` is all of it in one word,
    with the tracking of the newest parcel, and goes with the next release.
    """

    id: SaleId
    status: SaleStatus
    payment: PaymentMethod
    subscription: SubscriptionState | None
    shipment: ShipmentState | None
    shipments: list[ShipmentState]


@dataclass(frozen=True, slots=True)
class SaleStatusOf:
    """Loads the status of a sale, with the subscription it began and the shipment it led to."""

    begin: Begin

    async def __call__(self, sale_id: str) -> SaleState:
        """Load it. Raises NoSuchSale for an id that is not ours, and Outage when the database is away."""
        known = sale_id_in(sale_id)
        async with self.begin() as uow:
            found = await uow.sales.find(known)
            if found is None:
                raise NoSuchSale("there is no such sale")
            subscription = await uow.sales.subscription(known)
            shipment = await uow.sales.shipment(known)
        sale, order = found
        return SaleState(
            sale.id,
            sale.status,
            order.payment,
            _subscription_state(subscription) if subscription else None,
            _shipment_state(shipment) if shipment else None,
            _parcels(shipment) if shipment else [],
        )


def _subscription_state(subscription: Subscription) -> SubscriptionState:
    return SubscriptionState(subscription.status, subscription.current_period_end, subscription.cancel_at)


def _shipment_state(shipment: Shipment, *, tracked: bool = True) -> ShipmentState:
    if not tracked:  # the tracking is that of an earlier parcel
        return ShipmentState(shipment.status, None, None, None)
    return ShipmentState(shipment.status, shipment.carrier, shipment.tracking_number, shipment.tracking_url)


def _parcels(shipment: Shipment) -> list[ShipmentState]:
    """The parcels that left, and what is yet to leave; a shipment of before there were parcels is one."""
    left = [_parcel_state(shipment, one) for one in shipment.all_parcels if one.left_at]
    waits = not shipment.dispatched
    return [*left, _shipment_state(shipment, tracked=not left)] if waits or not left else left


def _parcel_state(shipment: Shipment, parcel: SentParcel) -> ShipmentState:
    return ShipmentState(ShipmentStatus(parcel.progress.name.lower()), *shipment.tracking_of(parcel.name))
