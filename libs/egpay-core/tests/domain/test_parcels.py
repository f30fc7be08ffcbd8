"""Parcels: reports come in any order, twice, and with or without the warehouse's number."""

import itertools
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest

from egpay.domain.parcels import Progress, SentParcel, Tracking, parcels_of
from egpay.domain.shipment import Shipment, ShipmentStatus
from egpay.domain.values import SaleId

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
Report = tuple[Progress, int, str | None, str | None]

ACCEPTED, SHIPPED, DELIVERED = Progress.ACCEPTED, Progress.SHIPPED, Progress.DELIVERED
FAILED, RETURNED = Progress.FAILED, Progress.RETURNED


def later(seconds: int) -> datetime:
    return NOON + timedelta(seconds=seconds)


def told(reports: Iterable[Report]) -> Shipment:
    shipment = Shipment(sale_id=SaleId("sale_one"), asked=True)
    for progress, at, parcel, number in reports:
        tracking = Tracking(carrier="Quick" if number else None, number=number)
        shipment = shipment.reported(progress, later(at), parcel=parcel, tracking=tracking)
    return shipment


@pytest.mark.parametrize(
    ("reports", "status"),
    [
        ([(ACCEPTED, 1)], ShipmentStatus.ACCEPTED),
        ([(ACCEPTED, 1), (FAILED, 2)], ShipmentStatus.FAILED),
        ([(FAILED, 2), (SHIPPED, 3)], ShipmentStatus.SHIPPED),
        ([(SHIPPED, 2), (FAILED, 3)], ShipmentStatus.FAILED),
        ([(SHIPPED, 2), (FAILED, 3), (DELIVERED, 4)], ShipmentStatus.DELIVERED),
        ([(SHIPPED, 2), (DELIVERED, 3), (RETURNED, 4)], ShipmentStatus.RETURNED),
        ([(RETURNED, 4)], ShipmentStatus.RETURNED),
        ([(DELIVERED, 3), (SHIPPED, 5)], ShipmentStatus.DELIVERED),
    ],
)
def test_the_newest_report_of_a_parcel_holds_in_every_order_and_twice(
    reports: list[tuple[Progress, int]], status: ShipmentStatus
) -> None:
    ends = {
        (one.status, tuple(sorted(one.parcels)))
        for each in itertools.permutations(reports)
        for one in (told((progress, at, None, None) for progress, at in (*each, *each)),)
    }
    assert {found for found, _ in ends} == {status}


def test_the_same_or_no_number_corrects_the_tracking_and_another_is_a_further_parcel() -> None:
    reports: list[Report] = [
        (SHIPPED, 1, "P1", "old"),
        (SHIPPED, 5, "P1", "corrected"),
        (SHIPPED, 2, "P2", "second"),
        (SHIPPED, 9, None, "second corrected"),
    ]
    for each in itertools.permutations(reports):
        shipment = told(each)
        assert [(one.number, one.tracking and one.tracking[1]) for one in shipment.sent] == [
            ("P1", "corrected"),
            ("P2", "second corrected"),
        ]
        assert shipment.tracking_number == "second corrected"


def test_a_parcel_without_a_number_is_one_of_its_own_beside_a_later_one_that_has_one() -> None:
    reports: list[Report] = [
        (SHIPPED, 1, None, "first"),
        (SHIPPED, 5, "P2", "second"),
        (SHIPPED, 7, None, "corrected"),
    ]
    for each in itertools.permutations(reports):
        assert [one.tracking and one.tracking[1] for one in told(each).sent] == ["corrected", "second"]


def test_of_several_parcels_the_one_that_needs_a_person_gives_the_status() -> None:
    both: list[Report] = [(SHIPPED, 1, "P1", None), (SHIPPED, 2, "P2", None)]
    assert told([*both, (DELIVERED, 5, "P1", None)]).status is ShipmentStatus.SHIPPED
    assert told([*both, (DELIVERED, 5, "P1", None), (FAILED, 6, "P2", None)]).status is ShipmentStatus.FAILED
    assert (
        told([*both, (DELIVERED, 5, "P1", None), (DELIVERED, 6, "P2", None)]).status
        is ShipmentStatus.DELIVERED
    )


def test_what_could_not_be_sent_and_was_sent_under_a_number_is_over() -> None:
    for each in itertools.permutations([(FAILED, 1, None, None), (SHIPPED, 5, "P1", None)]):
        shipment = told(each)
        assert (shipment.status, len(shipment.sent)) == (ShipmentStatus.SHIPPED, 1)


def test_a_late_report_is_about_the_attempt_that_was_under_way_at_its_time() -> None:
    again = told([(SHIPPED, 1, None, "old"), (RETURNED, 5, None, None)]).again(later(10))
    assert (again.status, again.asked, again.attempt) == (ShipmentStatus.REQUESTED, False, 2)
    late = again.reported(FAILED, later(7), tracking=Tracking())
    assert late.status is ShipmentStatus.REQUESTED
    sent = late.reported(SHIPPED, later(20), tracking=Tracking(number="new"))
    assert (sent.status, sent.tracking_number) == (ShipmentStatus.SHIPPED, "new")
    named = sent.reported(FAILED, later(30), attempt=1, tracking=Tracking())
    assert named.status is ShipmentStatus.SHIPPED
    assert [one.attempt for one in named.all_parcels] == [1, 2]


def test_a_report_without_tracking_takes_none_away() -> None:
    known = SentParcel().reported(SHIPPED, later(1), Tracking(carrier="Quick", number="1"))
    assert known.reported(DELIVERED, later(5), Tracking()).tracking == (later(1), "1", "")


def test_reports_without_a_parcel_are_no_parcel() -> None:
    assert parcels_of({}, 1) == []
    assert told([(ACCEPTED, 1, None, None)]).parcels == {}
