"""Drills of parcels: one that came back is sent again to the right address; an order is cancelled before it is paid."""

from typing import Any

from drill_desk import DrillDesk, Purchase
from egpay_system import until

SENT_AGAIN = {
    "status": "paid",
    "subscription": None,
    "shipment": "shipped",
    "pending": [],
    "cases": [],
    "parcels": [(1, "shipped")],
    "letters": ["confirmation", "returned", "shipped", "shipped"],
    "paid back": 0,
}
"""Three sensors, 147.00 EUR: the second attempt is one request, and each fact has its letter."""


def address(desk: DrillDesk, buyer: Purchase) -> dict[str, Any]:
    """Where the warehouse sends the parcel."""
    orders = desk.system.browser.get(f"{desk.system.sandbox}/warehouse/api/orders").json()
    return next(dict(one["address"]) for one in orders if one["sale_id"] == buyer.sale_id)


def test_a_parcel_that_came_back_is_sent_again_to_the_right_address(desk: DrillDesk) -> None:
    buyer = desk.buy(plan=False)
    until(lambda: "shipped" in desk.letters(buyer), what="the buyer is not told that it left")
    desk.sandbox(f"orders/{buyer.sale_id}/return")

    def case() -> str | None:
        desk.given.clear()
        return next(
            (one["id"] for one in desk.egpay("find", buyer.email)["cases"] if one["kind"] == "parcel_back"),
            None,
        )

    opened = until(case, what="no case")
    assert opened is not None
    desk.egpay("cases", "show", opened)
    desk.found()
    reason = ("--reason", "the customer's house is number 14")
    desk.egpay("sale", "correct-address", buyer.sale_id, "--line1", "14 Harbour Street", *reason)
    desk.egpay("sale", "ship-again", buyer.sale_id, *reason)
    until(lambda: desk.is_shipped(buyer), what="the devices are not shipped again")
    desk.ends(buyer, SENT_AGAIN)
    assert address(desk, buyer)["line1"] == "14 Harbour Street"


def test_an_order_that_is_not_wanted_is_cancelled_and_cannot_be_paid_any_more(desk: DrillDesk) -> None:
    buyer = desk.buy(pay=False)
    [sale] = desk.egpay("find", buyer.email)["sales"]
    desk.found()
    act = ("sale", "cancel", sale["id"], "--reason", "the customer rang", "--key", f"drill-{buyer.sale_id}")
    assert desk.egpay(*act)
    assert desk.egpay(*act)
    until(lambda: desk.system.sale(buyer.sale_id)["status"] == "cancelled", what="it is not cancelled")
    page = f"{desk.system.sandbox}/sandbox/sessions/{buyer.session_id}/pay"

    def closed() -> bool:
        truth = desk.system.browser.get(f"{desk.system.sandbox}/sandbox/truth").json()
        return any(one["id"] == buyer.session_id and one["status"] == "expired" for one in truth["sessions"])

    until(closed, what="the page is open")
    assert desk.system.browser.post(page, json={}).status_code >= 400
    assert (desk.letters(buyer), desk.parcels(buyer)) == ([], [])
