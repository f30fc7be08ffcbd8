"""Drills of money: back by line before and after dispatch, and a second subscription that was not wanted."""

from drill_desk import DrillDesk, Purchase
from egpay_system import until

SENSOR = 4_900
PLAN = 1_900
DEVICES = {
    "status": "paid",
    "subscription": None,
    "shipment": "shipped",
    "pending": [],
    "cases": [],
    "parcels": [(1, "shipped")],
    "letters": ["confirmation", "refunded", "shipped"],
    "paid back": SENSOR,
}
"""Three sensors for 147.00 EUR, of which one was given back: 49.00 EUR."""
SUBSCRIBED = {
    **DEVICES,
    "subscription": "active",
    "letters": ["confirmation", "introduction", "shipped"],
    "paid back": 0,
}
"""Three sensors and a monthly plan: 166.00 EUR."""


def quantity(desk: DrillDesk, buyer: Purchase) -> int:
    """How many sensors the warehouse sends."""
    orders = desk.system.browser.get(f"{desk.system.sandbox}/warehouse/api/orders").json()
    [items] = [one["items"] for one in orders if one["sale_id"] == buyer.sale_id]
    return sum(int(item["quantity"]) for item in items)


def give_one_back(desk: DrillDesk, buyer: Purchase, why: str) -> None:
    """Refunds one sensor, twice under one key: it is one refund."""
    act = ("sale", "refund", buyer.sale_id, "--line", "sensor=1", "--reason", why)
    for _ in range(2):
        desk.egpay(*act, "--key", f"one-back-{buyer.sale_id}")


def test_a_line_that_is_given_back_before_dispatch_is_not_sent(desk: DrillDesk) -> None:
    desk.sandbox("warehouse/refuse", status=503, times=100_000)
    buyer = desk.buy(plan=False)
    until(lambda: desk.system.sale(buyer.sale_id)["status"] == "paid", what="it is not paid")
    [sale] = desk.egpay("find", buyer.email)["sales"]
    assert sale["id"] == buyer.sale_id
    desk.found()
    give_one_back(desk, buyer, "two are enough")
    until(lambda: desk.paid_back(buyer) == SENSOR, what="no money went back")
    desk.sandbox("warehouse/refuse", status=503, times=0)
    desk.ends(buyer, DEVICES)
    assert quantity(desk, buyer) == 2


def test_a_line_that_is_given_back_after_dispatch_is_money_alone(desk: DrillDesk) -> None:
    buyer = desk.buy(plan=False)
    until(lambda: "shipped" in desk.letters(buyer), what="it did not leave")
    desk.egpay("find", buyer.email)
    desk.found()
    give_one_back(desk, buyer, "one was broken")
    desk.ends(buyer, DEVICES)
    assert quantity(desk, buyer) == 3


def test_a_second_subscription_is_ended_and_paid_back(desk: DrillDesk) -> None:
    first = desk.buy(pay=False)
    second = desk.buy(
        pay=False, email=first.email, line_items=[{"product": "monitoring-monthly", "quantity": 1}]
    )
    for buyer in (first, second):
        desk.sandbox(f"sessions/{buyer.session_id}/pay")

    def case() -> str | None:
        desk.given.clear()
        cases = desk.egpay("find", first.email)["cases"]
        return next((one["id"] for one in cases if one["kind"] == "second_subscription"), None)

    opened = until(case, what="no case")
    assert opened is not None
    desk.egpay("cases", "show", opened)
    desk.found()
    mine = desk.egpay("sale", "show", second.sale_id)["sale"]["subscription_id"]
    desk.egpay("subscription", "end", mine, "--now", "--reason", "bought in two tabs")
    desk.egpay("sale", "refund", second.sale_id, "--reason", "bought in two tabs")
    until(lambda: desk.paid_back(second) == PLAN, what="the money did not go back")

    def closed() -> bool:
        return not desk.egpay("find", first.email)["cases"]

    until(closed, what="a case is open")
    until(lambda: desk.books(first)["shipment"] == "shipped", what="the devices did not leave")
    books = desk.books(first)
    assert {**books, "letters": []} == {**SUBSCRIBED, "letters": []}
    ended = desk.books(second)
    assert (ended["status"], ended["subscription"], ended["parcels"]) == ("refunded", "canceled", [])
