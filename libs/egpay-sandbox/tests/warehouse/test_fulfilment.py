"""Orders go in signed, and what became of them comes back signed."""

import itertools
import json
from collections.abc import AsyncIterator

import pytest

from egpay_sandbox.config import Config
from egpay_sandbox.testing.order_messages import callbacks, tell_warehouse
from egpay_sandbox.testing.receiver import WebhookReceiver
from egpay_sandbox.testing.running_sandbox import RunningSandbox, running_sandbox
from egpay_sandbox.testing.serving import until


@pytest.fixture
async def slow(receiver: WebhookReceiver) -> AsyncIterator[RunningSandbox]:
    """A warehouse in which nothing leaves while a test lasts."""
    async with running_sandbox(Config(shipping_delay=3600.0), receiver) as running:
        yield running


def kinds(sandbox: RunningSandbox) -> list[str]:
    return [kind for kind, _, _ in callbacks(sandbox)]


async def test_an_order_is_accepted_shipped_and_delivered(sandbox: RunningSandbox) -> None:
    answer = await tell_warehouse(sandbox, "shipment.requested", "msg_1")
    assert answer.json() == {
        "received": True,
        "duplicate": False,
        "status": "accepted",
        "revision": 0,
    }
    await until(lambda: set(kinds(sandbox)) == {"shipment.accepted", "shipment.shipped"})
    await sandbox.post_control("orders/sale_1/deliver")
    await until(lambda: "shipment.delivered" in kinds(sandbox))
    order = (await sandbox.http.get("/warehouse/api/orders")).json()[0]
    assert (order["sale_id"], order["status"], order["requests"]) == ("sale_1", "delivered", 1)
    assert order["items"] == [{"product": "reader", "quantity": 3, "name": "Reader"}]
    last = json.loads(sandbox.receiver.received[-1].body)
    assert last["data"]["sale_id"] == "sale_1"
    assert (await sandbox.http.get(last["data"]["tracking_url"])).status_code == 200
    assert "Reader" in (await sandbox.http.get("/warehouse")).text


async def test_the_same_webhook_id_counts_once(sandbox: RunningSandbox) -> None:
    await tell_warehouse(sandbox, "shipment.requested", "msg_1")
    again = await tell_warehouse(sandbox, "shipment.requested", "msg_1")
    assert (again.status_code, again.json()["duplicate"]) == (200, True)
    assert sandbox.internals.warehouse.orders["sale_1"].requests == 1
    await tell_warehouse(sandbox, "shipment.requested", "msg_2")
    assert sandbox.internals.warehouse.orders["sale_1"].requests == 2
    await until(lambda: "shipment.shipped" in kinds(sandbox))
    assert sorted(kinds(sandbox)) == ["shipment.accepted", "shipment.shipped"]


async def test_a_bad_signature_is_refused(sandbox: RunningSandbox) -> None:
    answer = await sandbox.http.post("/warehouse/orders", content=b"{}", headers={"webhook-id": "msg_1"})
    assert answer.status_code == 401
    assert len(sandbox.internals.warehouse.orders) == 0


async def test_a_held_order_ships_only_when_released(sandbox: RunningSandbox) -> None:
    await tell_warehouse(sandbox, "shipment.held", "msg_0")
    await tell_warehouse(sandbox, "shipment.requested", "msg_1")
    await until(lambda: "shipment.accepted" in kinds(sandbox))
    order = sandbox.internals.warehouse.orders["sale_1"]
    assert (order.status, order.ship_at) == ("held", None)
    await tell_warehouse(sandbox, "shipment.released", "msg_2")
    await until(lambda: "shipment.shipped" in kinds(sandbox))


async def test_a_cancelled_order_never_ships(sandbox: RunningSandbox) -> None:
    await tell_warehouse(sandbox, "shipment.cancelled", "msg_0")
    await tell_warehouse(sandbox, "shipment.requested", "msg_1")
    order = sandbox.internals.warehouse.orders["sale_1"]
    assert (order.status, order.ship_at) == ("cancelled", None)
    answer = await sandbox.http.post("/sandbox/orders/sale_1/ship", json={})
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("said", "end"),
    [
        (("requested", "held", "released"), "accepted"),
        (("requested", "held", "cancelled"), "cancelled"),
        (("requested", "cancelled"), "cancelled"),
        (("requested", "held"), "held"),
        (("requested", "held", "released", "held"), "held"),
        (("requested", "changed", "held", "released"), "accepted"),
        (("requested", "held", "changed", "released"), "accepted"),
    ],
)
async def test_instructions_that_cross_on_the_wire_end_as_the_newest_says(
    slow: RunningSandbox, said: tuple[str, ...], end: str
) -> None:
    for number, order in enumerate(itertools.permutations(enumerate(said, start=1))):
        sale = f"sale_{number}"
        for revision, word in order:
            await tell_warehouse(slow, f"shipment.{word}", f"{sale}:{revision}", sale, revision)
        stands = slow.internals.warehouse.orders[sale]
        assert (stands.status, stands.requests) == (end, 1), order
        assert (stands.ship_at is not None) is (end == "accepted"), order
        assert bool(stands.items) or end == "cancelled" or "changed" in said


async def test_an_old_word_is_thanked_for_and_not_heeded(slow: RunningSandbox) -> None:
    await tell_warehouse(slow, "shipment.requested", "msg_1", revision=1)
    await tell_warehouse(slow, "shipment.released", "msg_3", revision=3)
    answer = await tell_warehouse(slow, "shipment.held", "msg_2", revision=2)
    assert answer.status_code == 200
    order = slow.internals.warehouse.orders["sale_1"]
    assert not order.held
    assert order.history == ["shipment.requested", "shipment.released", "shipment.held (overtaken)"]


async def test_a_cancellation_is_heeded_however_late_it_comes(slow: RunningSandbox) -> None:
    for number, (kind, revision) in enumerate(
        [("shipment.requested", 1), ("shipment.released", 3), ("shipment.cancelled", 2)]
    ):
        await tell_warehouse(slow, kind, f"msg_{number}", revision=revision)
    assert slow.internals.warehouse.orders["sale_1"].status == "cancelled"


async def test_callbacks_are_retried_under_their_own_stable_id(sandbox: RunningSandbox) -> None:
    sandbox.receiver.statuses = [503, 503]
    await tell_warehouse(sandbox, "shipment.requested", "msg_1")
    await until(lambda: len(callbacks(sandbox)) == 4)
    by_kind: dict[str, set[str]] = {}
    for kind, _, webhook_id in callbacks(sandbox):
        by_kind.setdefault(kind, set()).add(webhook_id)
    assert {kind: len(ids) for kind, ids in by_kind.items()} == {
        "shipment.accepted": 1,
        "shipment.shipped": 1,
    }


async def test_the_warehouse_can_be_down(sandbox: RunningSandbox) -> None:
    await sandbox.post_control("warehouse/refuse", status=503, times=1)
    assert (await tell_warehouse(sandbox, "shipment.requested", "msg_1")).status_code == 503
    assert (await tell_warehouse(sandbox, "shipment.requested", "msg_1")).json()["duplicate"] is False
