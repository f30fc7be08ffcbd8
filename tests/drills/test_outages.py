"""Drills without an act: each outage is found from an e-mail address, ends by itself or one command, costs nothing."""

import secrets
import time

from drill_desk import RECOVERY, DrillDesk, Purchase
from egpay_system import order, until

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


def test_stripe_refuses_every_page(desk: DrillDesk) -> None:
    email = f"drill.{secrets.token_hex(4)}@harbour.example"
    orders, key = f"{desk.system.api}/v1/checkout/sessions", {"idempotency-key": secrets.token_hex(8)}
    desk.sandbox(
        "refusal", code="resource_missing", param="line_items[0][price]", path="/v1/checkout/sessions"
    )
    refused = desk.system.browser.post(orders, json=order(email=email), headers=key)
    assert refused.status_code == 502
    [sale] = desk.egpay("find", email)["sales"]
    told = desk.egpay("sale", "show", sale["id"])["timeline"]
    [why] = [one["what"] for one in told if one["kind"] == "checkout.refused"]
    assert "resource_missing" in why
    assert state(desk, "checkouts") == "wrong"
    desk.found()
    desk.system.browser.delete(f"{desk.system.sandbox}/sandbox/refusal").raise_for_status()
    opened = desk.system.browser.post(orders, json=order(email=email), headers=key)
    assert (opened.status_code, opened.json()["sale_id"]) == (201, sale["id"])
    buyer = Purchase(email, sale["id"], opened.json()["checkout_session_id"])
    desk.sandbox(f"sessions/{buyer.session_id}/pay")
    until(lambda: desk.is_shipped(buyer), what="the devices are not shipped")
    desk.ends(buyer, WITH_PLAN)
