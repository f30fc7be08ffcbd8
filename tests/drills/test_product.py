"""Drill of the product: its endpoint is away while an order is paid, and afterwards it knows who may enter."""

import time
from typing import Any

from drill_desk import DrillDesk
from egpay_system import until


def known(desk: DrillDesk) -> dict[str, Any]:
    """What the product knows, by object."""
    objects = desk.system.browser.get(f"{desk.system.sandbox}/product/api/objects").raise_for_status().json()
    return {one["id"]: one["data"] for one in objects}


def test_the_endpoint_of_the_product_is_away(desk: DrillDesk) -> None:
    began = time.monotonic()
    desk.sandbox("product/refuse", status=503, times=100_000)
    buyer = desk.buy()

    def account() -> dict[str, Any] | None:
        desk.given.clear()
        found = desk.egpay("find", buyer.email)["accounts"]
        return next((one for one in found if one["access"]), None)

    entered = until(account, what="no account")
    assert entered is not None
    assert entered["access"] == "full"
    organisation = entered["organisation_id"]
    told = desk.egpay("access", "show", organisation)
    assert told["told_at"] is None
    checks = desk.egpay("doctor", expect=None)["checks"]
    assert {check["state"] for check in checks if check["what"] == "product"} <= {"note", "wrong"}
    desk.found()
    assert f"access:{organisation}" not in known(desk)
    desk.wait_out(began)
    desk.sandbox("product/refuse", status=503, times=0)
    desk.egpay("access", "replay", "--organisation", organisation, "--reason", "it is back")
    access = until(lambda: known(desk).get(f"access:{organisation}"), what="the product hears nothing")
    assert access is not None
    assert (access["access"], access["plan"], access["seats"]) == ("full", "monitoring-monthly", 1)
    assert f"organisation:{organisation}" in until(lambda: known(desk), what="it knows nothing")
    assert desk.egpay("access", "show", organisation)["told_at"]
