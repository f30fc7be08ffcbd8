"""A consumer may withdraw until the end of the fourteenth day after the last delivery, a business never."""

from datetime import UTC, datetime, timedelta

from checkout_api.usecases.withdrawal_period import withdraw_until
from egpay.domain.cancellation import Cancellation
from egpay.domain.order import Order
from egpay.domain.parcels import Progress, Tracking
from egpay.domain.sale import Sale
from egpay.domain.shipment import Shipment
from egpay.testing.builders import NOON, order, sale

DAY = timedelta(days=1)


def until(
    sold: Sale, placed: Order, shipment: Shipment | None = None, *, days: int = 14, at: datetime = NOON
) -> datetime | None:
    return withdraw_until(sold, placed, shipment, days=days, at=at)


def delivered(sold: Sale, *hours: int) -> Shipment:
    shipment = Shipment(sale_id=sold.id, asked=True)
    for number, hour in enumerate(hours):
        for progress in (Progress.SHIPPED, Progress.DELIVERED):
            shipment = shipment.reported(
                progress, NOON + timedelta(hours=hour), parcel=f"P{number}", tracking=Tracking()
            )
    return shipment


def end_of(day: datetime) -> datetime:
    return datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=UTC)


def test_the_period_of_devices_begins_with_the_last_delivery() -> None:
    placed = order()
    paid = sale(placed).settled(NOON)
    shipment = delivered(paid, 24, 72)
    assert until(paid, placed, shipment, at=NOON + 4 * DAY) == end_of(NOON + 17 * DAY)


def test_before_the_delivery_it_cannot_end_sooner_than_a_period_from_now() -> None:
    placed = order()
    paid = sale(placed).settled(NOON)
    assert until(paid, placed, None, at=NOON + 42 * DAY) == end_of(NOON + 56 * DAY)
    on_its_way = Shipment(sale_id=paid.id).reported(Progress.SHIPPED, NOON, tracking=Tracking())
    assert until(paid, placed, on_its_way, at=NOON + 2 * DAY) == end_of(NOON + 16 * DAY)


def test_the_last_day_counts_whole_and_the_next_one_not() -> None:
    placed = order()
    paid = sale(placed).settled(NOON)
    shipment = delivered(paid, 0)
    last = end_of(NOON + 14 * DAY)
    assert until(paid, placed, shipment, at=last) == last
    assert until(paid, placed, shipment, at=last + timedelta(seconds=1)) is None


def test_a_purchase_after_midnight_in_berlin_is_of_the_day_there() -> None:
    placed = order(devices=0, shipping_address=None)
    paid = sale(placed).settled(datetime(2026, 11, 23, 23, 30, tzinfo=UTC))
    assert until(paid, placed) == datetime(2026, 12, 8, 23, 59, 59, tzinfo=UTC)


def test_a_period_that_ends_at_a_weekend_goes_on_until_monday() -> None:
    placed = order()
    paid = sale(placed).settled(NOON)
    for days in (5, 6, 7):  # fourteen days later it is Saturday, Sunday and Monday
        shipment = delivered(paid, 24 * days)
        assert until(paid, placed, shipment, at=NOON + 8 * DAY) == end_of(datetime(2026, 12, 14, tzinfo=UTC))


def test_the_period_of_a_subscription_begins_with_the_payment() -> None:
    placed = order(devices=0, shipping_address=None)
    paid = sale(placed).settled(NOON)
    assert until(paid, placed, at=NOON + DAY) == end_of(NOON + 14 * DAY)
    assert until(paid, placed, at=NOON + 15 * DAY) is None


def test_what_was_not_concluded_or_is_undone_is_not_withdrawn_from() -> None:
    placed = order()
    opened = sale(placed)
    assert until(opened, placed) is None
    assert until(opened.settled(NOON).refunded_in_full(), placed) is None
    gone = opened.settled(NOON).cancelled_by(Cancellation(at=NOON))
    assert until(gone, placed) is None


def test_where_no_period_is_set_no_one_is_offered_it() -> None:
    placed = order()
    assert until(sale(placed).settled(NOON), placed, days=0) is None
