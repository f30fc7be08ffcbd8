"""Drills without an act: each outage is found from an e-mail address, ends by itself or one command, costs nothing."""

import time

from drill_desk import RECOVERY, DrillDesk
from egpay_system import until

WITH_PLAN = {
    "status": "paid",
    "subscription": "active",
    "shipment": "shipped",
    "pending": [],
    "cases": [],
    "parcels": [(1, "shipped")],
    "letters": ["confirmation", "introduction", "shipped"],
    "paid back": 0,
}
"""What three sensors and a monthly plan come to: 166.00 EUR, one parcel, and a letter for each fact."""
DEVICES = {**WITH_PLAN, "subscription": None, "letters": ["confirmation", "shipped"]}


def state(desk: DrillDesk, what: str) -> str:
    """What `doctor` says about something: the worst of its lines, `ok` when there is none."""
    checks = desk.egpay("doctor", expect=None)["checks"]
    states = {check["state"] for check in checks if check["what"] == what}
    return next((one for one in ("wrong", "note") if one in states), "ok")


def test_paid_and_no_mail_while_the_mail_server_says_451(desk: DrillDesk) -> None:
    began = time.monotonic()
    desk.sandbox("mailbox/refuse", code=451, times=100_000)
    buyer = desk.buy()
    waiting = desk.retried(buyer, "send_introduction")
    assert "451" in waiting["reason"]
    assert waiting["next_at"]
    assert state(desk, "commands") in ("note", "wrong")
    desk.found()
    desk.wait_out(began)
    desk.sandbox("mailbox/refuse", code=451, times=0)
    until(lambda: len(desk.letters(buyer)) == 3, what="the letters did not leave", deadline=RECOVERY)
    desk.ends(buyer, WITH_PLAN)
    assert state(desk, "commands") == "ok"


def test_the_warehouse_is_down(desk: DrillDesk) -> None:
    began = time.monotonic()
    desk.sandbox("warehouse/refuse", status=503, times=100_000)
    buyer = desk.buy(plan=False)
    waiting = desk.retried(buyer, "ship_devices")
    assert "503" in waiting["reason"]
    desk.found()
    desk.wait_out(began)
    desk.sandbox("warehouse/refuse", status=503, times=0)
    until(lambda: desk.is_shipped(buyer), what="the devices are not shipped", deadline=RECOVERY)
    desk.ends(buyer, DEVICES)


def test_the_warehouse_refuses_our_signature(desk: DrillDesk) -> None:
    desk.sandbox("warehouse/refuse", status=401, times=100_000)
    buyer = desk.buy(plan=False)

    def refused() -> bool:
        desk.given.clear()
        pending = desk.egpay("find", buyer.email)["pending"]
        return any(one["what"] == "ship_devices" and "401" in str(one["reason"]) for one in pending)

    until(refused, what="the refusal is not shown")
    assert state(desk, "providers") == "wrong"
    desk.found()
    desk.sandbox("warehouse/refuse", status=401, times=0)
    desk.egpay("outbox", "republish", "--older-than", "0s", "--reason", "the secret is right again")
    until(lambda: desk.is_shipped(buyer), what="the devices are not shipped", deadline=RECOVERY)
    desk.ends(buyer, DEVICES)
    assert state(desk, "providers") == "ok"


def test_an_address_that_the_mail_server_refuses_for_good_and_a_replay(desk: DrillDesk) -> None:
    desk.sandbox("mailbox/refuse", code=550, times=100_000)
    buyer = desk.buy()

    def letter() -> str | None:
        desk.given.clear()
        pending = desk.egpay("find", buyer.email)["pending"]
        dead = [one["state"] for one in pending if "introduction" in one["id"] + one["what"]]
        return next((one.removeprefix("dead letter ") for one in dead if one.startswith("dead letter")), None)

    number = until(letter, what="no dead letter is shown")
    assert number is not None
    assert "550" in str(desk.egpay("dead-letters", "show", number))
    desk.found()
    desk.sandbox("mailbox/refuse", code=550, times=0)
    until(lambda: desk.is_shipped(buyer), what="the devices are not shipped")
    desk.egpay("dead-letters", "replay", "--all", "--reason", "the mailbox exists again")
    until(lambda: len(desk.letters(buyer)) == 3, what="the letters did not leave", deadline=RECOVERY)
    desk.ends(buyer, WITH_PLAN)


def test_no_webhook_comes(desk: DrillDesk) -> None:
    desk.set_chaos("stripe", lose=1.0)
    buyer = desk.buy()
    [sale] = desk.egpay("find", buyer.email)["sales"]
    assert sale["status"] == "in_progress"
    told = desk.egpay("reconcile", "--reason", "the customer has paid, and nothing came")
    assert told["found"]["missed"] >= 3
    assert state(desk, "silence") == "wrong"
    desk.found()
    desk.set_chaos("stripe")
    until(lambda: desk.is_shipped(buyer), what="the devices are not shipped")
    desk.ends(buyer, WITH_PLAN)
