"""After paying: a buyer's page waits for the truth, leads to the invoice, and takes the order back."""

import asyncio
import secrets
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from counted_changes import counted_changes
from egpay_system import EgpaySystem, until
from test_purchase import press, shipped


@pytest.fixture(scope="module", autouse=True)
def counted(egpay: EgpaySystem) -> Iterator[None]:
    """Whatever a waiting page is to hear of, counts."""
    with counted_changes(egpay.database_url):
        yield


def next_state(egpay: EgpaySystem, sale_id: str, version: int) -> dict[str, Any]:
    """Asks as the page does: the answer comes with the next change, or after the time."""
    asked = {"wait": 20, "since": version}
    answer = egpay.browser.get(f"{egpay.api}/v1/sales/{sale_id}", params=asked)
    return dict(answer.raise_for_status().json())


def followed(egpay: EgpaySystem, sale_id: str) -> list[dict[str, Any]]:
    """Every state that a page shows, from the first one to the account that was introduced."""
    states = [egpay.sale(sale_id)]
    while not (states[-1]["introduced"] and states[-1]["documents"] and states[-1]["shipments"]):
        states.append(next_state(egpay, sale_id, states[-1]["version"]))
        assert len(states) < 40, states[-1]
    return states


async def test_a_page_follows_an_order_and_takes_it_back(egpay: EgpaySystem) -> None:
    email = f"orla.{secrets.token_hex(4)}@harbour.example"
    answer = egpay.order(email=email)
    sale_id = answer["sale_id"]
    before = egpay.sale(sale_id)
    assert (before["status"], before["account"], before["withdraw_until"]) == ("in_progress", "none", None)
    assert before["continue_url"] == f"{egpay.api}/v1/sales/{sale_id}/continue"
    press(egpay, answer["checkout_url"], "pay", email="accounts@harbour.example")
    states = followed(egpay, sale_id)
    versions = [state["version"] for state in states]
    assert versions == sorted(versions)
    last = states[-1]
    assert (last["status"], last["account"], last["continue_url"]) == ("paid", "open", None)
    assert last["withdraw_until"] is not None
    [document] = last["documents"]
    led = egpay.browser.get(document["url"], headers={"accept": "application/json"})
    assert led.json()["url"].startswith(egpay.sandbox)

    declared = withdraw(egpay, sale_id, email).raise_for_status().json()
    [letter] = until(lambda: egpay.letters(email, "withdrawal_received"), what="no receipt")
    assert (sale_id in letter["text"], "only the sensors" in letter["text"]) == (True, True)
    assert declared["declared_at"][:4] in letter["text"]
    [case] = await egpay.ask("SELECT * FROM cases WHERE kind = 'withdrawal' AND sale_id = $1", sale_id)
    assert (case["closed_at"], email in case["what"]) == (None, False)
    withdraw(egpay, sale_id, email).raise_for_status()
    assert len(await egpay.ask("SELECT 1 FROM withdrawals WHERE sale_id = $1", sale_id)) == 1
    assert not await egpay.ask("SELECT * FROM dead_letters")


async def test_a_buyer_who_is_back_before_every_webhook_reads_the_truth_and_nothing_is_doubled(
    egpay: EgpaySystem,
) -> None:
    email = f"orla.{secrets.token_hex(4)}@harbour.example"
    chaos = f"{egpay.sandbox}/sandbox/chaos/stripe"
    egpay.browser.put(chaos, json={"hold": True}).raise_for_status()
    try:
        answer = egpay.order(email=email)
        sale_id = answer["sale_id"]
        pay = f"{egpay.sandbox}/sandbox/sessions/{answer['checkout_session_id']}/pay"
        egpay.browser.post(pay, json={}).raise_for_status()
        states = [egpay.sale(sale_id)]
        assert states[0]["status"] == "in_progress"
        while not (states[-1]["introduced"] and states[-1]["shipments"]):
            states.append(next_state(egpay, sale_id, states[-1]["version"]))
            assert len(states) < 40, states[-1]
        assert [state["id"] for state in states] == [sale_id] * len(states)
        assert (states[-1]["status"], states[-1]["account"]) == ("paid", "open")
        [told] = await egpay.ask(
            "SELECT count(*) FROM webhook_events WHERE sale_id = $1 AND event_id LIKE 'evt%'", sale_id
        )
        assert told["count"] == 0
    finally:
        egpay.browser.put(chaos, json={}).raise_for_status()
        egpay.browser.post(f"{chaos}/release", json={}).raise_for_status()
    late = "SELECT 1 FROM webhook_events WHERE sale_id = $1 AND event_id LIKE 'evt%'"
    async with asyncio.timeout(20):
        while len(await egpay.ask(late, sale_id)) < 3:
            await asyncio.sleep(0.05)
    until(lambda: shipped(egpay, sale_id), what="the devices are not shipped")
    parcels = egpay.browser.get(f"{egpay.sandbox}/warehouse/api/orders").raise_for_status().json()
    assert [one["requests"] for one in parcels if one["sale_id"] == sale_id] == [1]
    assert len(egpay.letters(email)) == 1
    assert not await egpay.ask("SELECT * FROM dead_letters")


def withdraw(egpay: EgpaySystem, sale_id: str, email: str) -> httpx.Response:
    form = {"sale_id": sale_id, "name": "Orla Byrne", "email": email, "statement": "only the sensors"}
    return egpay.browser.post(f"{egpay.api}/v1/withdrawals", json=form)
