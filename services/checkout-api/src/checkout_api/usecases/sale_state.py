"""Sale state: a purchase as its buyer may see it, without personal data."""

from datetime import datetime
from enum import StrEnum

import msgspec

from checkout_api.usecases.sale_documents import SaleDocument, documents_of
from checkout_api.usecases.utc_time import UtcTime
from egpay.domain.catalogue import Interval, Kind
from egpay.domain.order import Order, OrderLine, PaymentMethod
from egpay.domain.parcels import SentParcel
from egpay.domain.sale import Sale, SaleStatus
from egpay.domain.shipment import Shipment, ShipmentStatus
from egpay.domain.subscription import Subscription, SubscriptionStatus
from egpay.domain.values import ProductId, SaleId, TotalDetails

UNPAID = frozenset({SaleStatus.IN_PROGRESS, SaleStatus.EXPIRED, SaleStatus.PAYMENT_FAILED})
"""Statuses in which a sale can still be paid on a page."""


class SubscriptionState(msgspec.Struct, frozen=True):
    """Stripe's word for it; `cancel_at` is when it will end, if that is settled."""

    status: SubscriptionStatus
    current_period_end: UtcTime | None
    cancel_at: UtcTime | None


class ShipmentState(msgspec.Struct, frozen=True):
    """Where the devices are."""

    status: ShipmentStatus
    carrier: str | None
    tracking_number: str | None
    tracking_url: str | None


class SaleLine(msgspec.Struct, frozen=True, kw_only=True):
    """What was ordered, at the price of that moment, in minor units."""

    product: ProductId
    kind: Kind
    name: str
    quantity: int
    unit_amount: int
    interval: Interval | None
    interval_count: int
    trial_days: int


class AccountProgress(StrEnum):
    """Account progress: none is due yet or at all, it is being opened, or it is open."""

    NONE = "none"
    OPENING = "opening"
    OPEN = "open"


class SaleState(msgspec.Struct, frozen=True, kw_only=True):
    """A purchase as its buyer may see it; what there is none of is null.

    `version` is another number whenever something may have changed. `total` is what the lines cost now, `total_details`
    what the payment page took off or added. `account` is that of the subscription, `introduced` whether the e-mail about
    it was sent. `shipments` are its parcels, oldest first; what is yet to leave is one of them. `shipment` is all of it
    in one word, with the tracking of the newest parcel, and goes with the next release. `documents` is empty until
    there is one. At `continue_url` an order that is not paid goes on. Until `withdraw_until` a
    consumer may withdraw from it.
    """

    id: SaleId
    version: int
    created_at: UtcTime
    status: SaleStatus
    payment: PaymentMethod
    total: int
    currency: str
    total_details: TotalDetails | None
    lines: list[SaleLine]
    account: AccountProgress
    introduced: bool
    subscription: SubscriptionState | None
    shipment: ShipmentState | None
    shipments: list[ShipmentState]
    documents: list[SaleDocument]
    continue_url: str | None
    withdraw_until: UtcTime | None


def sale_state(
    sale: Sale,
    order: Order,
    *,
    version: int,
    subscription: Subscription | None,
    shipment: Shipment | None,
    introduced: bool,
    public_url: str,
    until: datetime | None,
) -> SaleState:
    """Show a sale with what it led to; it can be withdrawn from `until` then."""
    goes_on = sale.status in UNPAID
    return SaleState(
        id=sale.id,
        version=version,
        created_at=sale.created_at,
        status=sale.status,
        payment=order.payment,
        total=sale.total,
        currency=sale.currency,
        total_details=sale.totals,
        lines=[_line(line) for line in order.lines],
        account=_account(sale, subscription),
        introduced=introduced,
        subscription=_subscription_state(subscription) if subscription else None,
        shipment=_shipment_state(shipment) if shipment else None,
        shipments=_parcels(shipment) if shipment else [],
        documents=documents_of(sale, public_url),
        continue_url=f"{public_url}/v1/sales/{sale.id}/continue" if goes_on else None,
        withdraw_until=until,
    )


def _line(line: OrderLine) -> SaleLine:
    return SaleLine(**{name: getattr(line, name) for name in SaleLine.__struct_fields__})


def _account(sale: Sale, subscription: Subscription | None) -> AccountProgress:
    if subscription is not None and subscription.organisation_id is not None:
        return AccountProgress.OPEN
    return AccountProgress.OPENING if sale.plan and sale.paid else AccountProgress.NONE


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
