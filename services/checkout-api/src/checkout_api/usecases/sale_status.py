"""Sale status: reports a purchase to the holder of its unguessable id, without personal data."""

import re
from dataclasses import dataclass
from datetime import datetime

import msgspec

from egpay.domain.errors import Refusal
from egpay.domain.order import PaymentMethod
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
    """A purchase as its buyer may see it; what there is none of is null."""

    id: SaleId
    status: SaleStatus
    payment: PaymentMethod
    subscription: SubscriptionState | None
    shipment: ShipmentState | None


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
        )


def _subscription_state(subscription: Subscription) -> SubscriptionState:
    return SubscriptionState(subscription.status, subscription.current_period_end, subscription.cancel_at)


def _shipment_state(shipment: Shipment) -> ShipmentState:
    return ShipmentState(shipment.status, shipment.carrier, shipment.tracking_number, shipment.tracking_url)
