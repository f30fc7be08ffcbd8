"""What becomes of parcels: several of one order, other tracking, lost, returned, sent again."""

import itertools
from collections.abc import AsyncIterator
from typing import Any

import pytest

from egpay_sandbox.config import Config
from egpay_sandbox.testing.order_messages import callbacks, tell_warehouse
from egpay_sandbox.testing.receiver import WebhookReceiver
from egpay_sandbox.testing.running_sandbox import RunningSandbox, running_sandbox
from egpay_sandbox.testing.serving import until

ONE_READER = [{"product": "reader", "name": "Reader", "quantity": 1}]


@pytest.fixture
async def slow(receiver: WebhookReceiver) -> AsyncIterator[RunningSandbox]:
    """A warehouse in which nothing leaves unless it is told to."""
    async with running_sandbox(Config(shipping_delay=3600.0), receiver) as running:
        yield running


async def reports(sandbox: RunningSandbox, count: int) -> list[tuple[str, dict[str, Any]]]:
    await until(lambda: len(callbacks(sandbox)) == count)
    return [(kind.removeprefix("shipment."), data) for kind, data, _ in callbacks(sandbox)]


async def refused(sandbox: RunningSandbox, verb: str, **body: Any) -> bool:
    answer = await sandbox.http.post(f"/sandbox/orders/sale_1/{verb}", json=body)
    return answer.status_code == 400


async def test_an_order_leaves_in_two_parcels_with_numbers_of_their_own(slow: RunningSandbox) -> None:
    await tell_warehouse(slow, "shipment.requested", "msg_1")
    await slow.post_control("orders/sale_1/ship", parcel="1", carrier="Post", tracking_number="T1")
    assert await refused(slow, "ship")
    assert await refused(slow, "ship", parcel="1")
    await slow.post_control("orders/sale_1/ship", parcel="2", carrier="Post", tracking_number="T2")
    told = [data for kind, data in await reports(slow, 3) if kind == "shipped"]
    assert sorted((data["parcel"], data["tracking_number"]) for data in told) == [("1", "T1"), ("2", "T2")]
    for number in ("T1", "T2"):
        assert (await slow.http.get(f"/warehouse/track/{number}")).status_code == 200


@pytest.mark.parametrize("parcel", [None, "1"])
async def test_tracking_is_corrected_by_a_second_report_of_the_same_parcel(
    slow: RunningSandbox, parcel: str | None
) -> None:
    await tell_warehouse(slow, "shipment.requested", "msg_1")
    assert await refused(slow, "track")
    await slow.post_control("orders/sale_1/ship", parcel=parcel, tracking_number="WRONG")
    await slow.post_control("orders/sale_1/track", parcel=parcel, carrier="Other", tracking_number="RIGHT")
    told = [data for kind, data in await reports(slow, 3) if kind == "shipped"]
    assert {data.get("parcel") for data in told} == {parcel}
    assert {(data["carrier"], data["tracking_number"]) for data in told} == {
        ("Sandbox Post", "WRONG"),
        ("Other", "RIGHT"),
    }
    [order] = (await slow.http.get("/warehouse/api/orders")).json()
    assert (order["tracking_number"], len(order["parcels"])) == ("RIGHT", 1)


async def test_an_order_that_cannot_be_sent_fails_without_a_parcel(slow: RunningSandbox) -> None:
    await tell_warehouse(slow, "shipment.requested", "msg_1")
    await slow.post_control("orders/sale_1/fail")
    told = dict(await reports(slow, 2))
    assert told["failed"] == {
        "sale_id": "sale_1",
        "carrier": None,
        "tracking_number": None,
        "tracking_url": None,
    }
    assert await refused(slow, "return")
    assert await refused(slow, "ship")


@pytest.mark.parametrize("before", [[], ["deliver"], ["fail"]])
async def test_a_parcel_that_left_may_come_back(slow: RunningSandbox, before: list[str]) -> None:
    await tell_warehouse(slow, "shipment.requested", "msg_1")
    for verb in ("ship", *before, "return"):
        order = await slow.post_control(f"orders/sale_1/{verb}")
    assert order["status"] == "returned"
    told = await reports(slow, 3 + len(before))
    assert "returned" in [kind for kind, _ in told]
    assert await refused(slow, "return")


async def test_a_returned_order_is_shipped_again_in_a_new_attempt(slow: RunningSandbox) -> None:
    await tell_warehouse(slow, "shipment.requested", "msg_1", revision=1)
    await slow.post_control("orders/sale_1/ship")
    await slow.post_control("orders/sale_1/return")
    answer = await tell_warehouse(slow, "shipment.requested", "msg_2", revision=2, attempt=2)
    assert answer.json()["status"] == "accepted"
    order = await slow.post_control("orders/sale_1/ship")
    assert (order["status"], slow.internals.warehouse.orders["sale_1"].requests) == ("shipped", 1)


async def test_what_was_decided_before_an_order_is_shipped_again_does_not_stop_it(
    slow: RunningSandbox,
) -> None:
    said: list[tuple[int, str, dict[str, Any]]] = [
        (1, "requested", {}),
        (2, "held", {}),
        (3, "cancelled", {}),
        (4, "requested", {"attempt": 2}),
    ]
    for number, order in enumerate(itertools.permutations(said)):
        sale = f"sale_{number}"
        for revision, word, more in order:
            await tell_warehouse(slow, f"shipment.{word}", f"{sale}:{revision}", sale, revision, **more)
        stands = slow.internals.warehouse.orders[sale]
        assert (stands.status, stands.attempt) == ("accepted", 2), order


@pytest.mark.parametrize(("word", "status"), [("held", "held"), ("cancelled", "cancelled")])
async def test_what_is_decided_of_a_further_attempt_holds_however_the_messages_cross(
    slow: RunningSandbox, word: str, status: str
) -> None:
    said: list[tuple[int, str, dict[str, Any]]] = [
        (1, "requested", {}),
        (2, "cancelled", {}),
        (3, "requested", {"attempt": 2}),
        (4, word, {}),
    ]
    for number, order in enumerate(itertools.permutations(said)):
        sale = f"sale_{number}"
        for revision, each, more in order:
            await tell_warehouse(slow, f"shipment.{each}", f"{sale}:{revision}", sale, revision, **more)
        assert slow.internals.warehouse.orders[sale].status == status, order


async def test_the_newest_items_are_packed_however_the_messages_cross(slow: RunningSandbox) -> None:
    said: list[tuple[int, str, dict[str, Any]]] = [
        (1, "requested", {}),
        (2, "changed", {"items": ONE_READER}),
        (3, "held", {}),
        (4, "released", {}),
    ]
    for number, order in enumerate(itertools.permutations(said)):
        sale = f"sale_{number}"
        for revision, word, more in order:
            await tell_warehouse(slow, f"shipment.{word}", f"{sale}:{revision}", sale, revision, **more)
        stands = slow.internals.warehouse.orders[sale]
        assert [(item.product, item.quantity) for item in stands.items] == [("reader", 1)], order
        assert (stands.name, stands.status) == ("Ada", "accepted"), order


async def test_the_newest_address_is_printed_however_the_messages_cross(slow: RunningSandbox) -> None:
    said: list[tuple[int, str, dict[str, Any]]] = [
        (1, "requested", {}),
        (2, "changed", {"items": ONE_READER, "name": "Ada", "address": {"line1": "2 Quay"}}),
    ]
    for number, order in enumerate(itertools.permutations(said)):
        sale = f"sale_{number}"
        for revision, word, more in order:
            await tell_warehouse(slow, f"shipment.{word}", f"{sale}:{revision}", sale, revision, **more)
        assert slow.internals.warehouse.orders[sale].address == {"line1": "2 Quay"}, order
    await tell_warehouse(slow, "shipment.changed", "sale_0:3", "sale_0", 3, items=ONE_READER)
    assert slow.internals.warehouse.orders["sale_0"].address == {"line1": "2 Quay"}


async def test_a_change_that_comes_after_the_parcel_left_changes_nothing(slow: RunningSandbox) -> None:
    await tell_warehouse(slow, "shipment.requested", "msg_1", revision=1)
    await slow.post_control("orders/sale_1/ship")
    answer = await tell_warehouse(slow, "shipment.changed", "msg_2", revision=2, items=ONE_READER)
    assert (answer.json()["status"], answer.json()["revision"]) == ("shipped", 2)
    assert [item.quantity for item in slow.internals.warehouse.orders["sale_1"].items] == [3]


async def test_one_kind_of_message_can_be_refused_alone(slow: RunningSandbox) -> None:
    await slow.post_control("warehouse/refuse", status=422, times=1, type="shipment.held")
    assert (await tell_warehouse(slow, "shipment.requested", "msg_1", revision=1)).status_code == 200
    assert (await tell_warehouse(slow, "shipment.held", "msg_2", revision=2)).status_code == 422
    assert (await tell_warehouse(slow, "shipment.held", "msg_2", revision=2)).status_code == 200
    assert slow.internals.warehouse.orders["sale_1"].held
