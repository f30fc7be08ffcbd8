"""Withdrawal period: until when a consumer may withdraw from an order without a reason.

Directive 2011/83/EU, article 9; a period ends on a working day (Regulation 1182/71, article 3).
"""

from datetime import UTC, datetime, time, timedelta

from egpay.domain.order import Order
from egpay.domain.sale import Sale, SaleStatus
from egpay.domain.shipment import Shipment, ShipmentStatus

EASTERNMOST = timedelta(hours=3)
"""Summer time of Helsinki and Athens: what happens in the union's night is there of the next day already."""
_SATURDAY = 5
_CONCLUDED = frozenset({SaleStatus.PAID, SaleStatus.AWAITING_PAYMENT})


def withdraw_until(
    sale: Sale, order: Order, shipment: Shipment | None, *, days: int, at: datetime
) -> datetime | None:
    """The last second in which the order can be withdrawn from; None when the time is over or there is none.

    The period of devices begins with the last delivery, so that before it the answer is the earliest end that is still
    possible. It ends with a day of UTC, which is never an earlier day than the buyer's own in the union, nor one of a
    weekend; public holidays differ by country, and a person sees to them.
    """
    if days == 0 or sale.status not in _CONCLUDED:
        return None
    begins = _delivered_at(shipment) or at if order.device_quantity else sale.paid_at or sale.created_at
    last_day = (begins + EASTERNMOST + timedelta(days=days)).astimezone(UTC).date()
    if last_day.weekday() >= _SATURDAY:
        last_day += timedelta(days=7 - last_day.weekday())
    end = datetime.combine(last_day, time(23, 59, 59), UTC)
    return end if end >= at else None


def _delivered_at(shipment: Shipment | None) -> datetime | None:
    """When the last parcel was delivered; None while one is on its way."""
    if shipment is None or shipment.status is not ShipmentStatus.DELIVERED:
        return None
    return max((one.delivered_at for one in shipment.all_parcels if one.delivered_at), default=None)
