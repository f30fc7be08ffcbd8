import json
import secrets
import subprocess
from typing import Any
from urllib.parse import urljoin

import pytest
from egpay_system import API_KEY, PROGRAMS, EgpaySystem, order, until

from egpay_local import hosted_page


def press(egpay: EgpaySystem, checkout_url: str, button: str, **typed: str) -> None:
    """Open the hosted page, type, and press one of its buttons."""
    page = egpay.browser.get(checkout_url).raise_for_status()
    for form in hosted_page.parse_forms(page.text):
        filled = form.fields_for_button(button)
        if filled is not None:
            answer = egpay.browser.post(urljoin(str(page.url), form.action), data={**filled, **typed})
            assert answer.status_code < 400, answer.text
            return
    pytest.fail(f"no button {button!r} on {checkout_url}")


def shipped(egpay: EgpaySystem, sale_id: str) -> bool:
    return (egpay.sale(sale_id)["shipment"] or {}).get("status") == "shipped"


async def test_a_purchase_ends_with_an_account_an_email_and_a_parcel(egpay: EgpaySystem) -> None:
    email = f"Orla.{secrets.token_hex(4)}@harbour.example"
    answer = egpay.order(email=email)
    press(egpay, answer["checkout_url"], "pay", email="accounts@harbour.example")
    until(lambda: shipped(egpay, answer["sale_id"]), what="the devices are not shipped")
    [letter] = until(lambda: egpay.letters(email), what="no introduction")

    sale = egpay.sale(answer["sale_id"])
    assert sale["status"] == "paid"
    assert sale["subscription"]["status"] == "active"
    assert sale["shipment"]["tracking_url"]
    assert email not in json.dumps(sale)
    assert "Harbour Cycling Club" in letter["subject"] + letter["text"] + letter["html"]

    [row] = await egpay.ask("SELECT * FROM sales WHERE id = $1", answer["sale_id"])
    assert row["billing_email"] == "accounts@harbour.example"
    assert row["email"] == email
    [user] = await egpay.ask("SELECT * FROM users WHERE email = $1", email)
    assert (user["email"], user["role"], user["status"]) == (email, "admin", "invited")
    assert await egpay.ask("SELECT 1 FROM invitations WHERE user_id = $1 AND expires_at > now()", user["id"])
    assert not await egpay.ask("SELECT * FROM dead_letters")
    await product_knows(egpay, user["organisation_id"], email)


async def product_knows(egpay: EgpaySystem, organisation: str, email: str) -> None:
    """The product was told by signed webhooks what the route answers to its key alone."""
    objects = f"{egpay.sandbox}/product/api/objects"

    def known() -> dict[str, Any]:
        return {one["id"]: one for one in egpay.browser.get(objects).json()}

    access = f"access:{organisation}"
    told = until(lambda: known().get(access, {}), what="the product hears nothing")["data"]
    url = f"{egpay.api}/v1/organisations/{organisation}/access"
    assert egpay.browser.get(url).status_code == 401
    answer = egpay.browser.get(url, headers={"authorization": f"Bearer {API_KEY}"}).json()
    shared = ("organisation_id", "access", "why", "plan", "seats", "version")
    assert {name: answer[name] for name in shared} == {name: told[name] for name in shared}
    assert answer["access"] == "full"
    assert f"organisation:{organisation}" in until(known, what="the product knows nothing")
    assert email not in json.dumps(known())


async def test_nothing_personal_travels_over_the_broker_or_into_the_logs(egpay: EgpaySystem) -> None:
    email = f"private.{secrets.token_hex(4)}@harbour.example"
    answer = egpay.order(email=email)
    press(egpay, answer["checkout_url"], "pay", email="typed.private@harbour.example")
    until(lambda: egpay.letters(email), what="no introduction")
    payloads = b" ".join(row["payload"] for row in await egpay.ask("SELECT payload FROM outbox")).decode()
    logs = "".join(
        (egpay.supervisor.logs / f"{name}.log").read_text() for name in ("checkout-api", "billing-worker")
    )
    timeline = " ".join(row["what"] for row in await egpay.ask("SELECT what FROM timeline"))
    for private in ("harbour.example", "Orla", "Harbour Street"):
        assert private not in payloads
        assert private not in logs
        assert private not in timeline


async def test_an_account_with_a_subscription_cannot_order_another(egpay: EgpaySystem) -> None:
    email = f"twice.{secrets.token_hex(4)}@harbour.example"
    answer = egpay.order(email=email)
    press(egpay, answer["checkout_url"], "pay", email=email)
    until(lambda: egpay.letters(email), what="no introduction")
    second = egpay.browser.post(f"{egpay.api}/v1/checkout/sessions", json=order(email=email.upper()))
    assert second.status_code == 409
    assert second.json()["type"].endswith("already-subscribed")
    devices = order(email=email, line_items=[{"product": "sensor", "quantity": 1}])
    assert egpay.browser.post(f"{egpay.api}/v1/checkout/sessions", json=devices).status_code == 201


async def test_devices_alone_are_shipped_and_open_no_account(egpay: EgpaySystem) -> None:
    answer = egpay.order(line_items=[{"product": "gateway", "quantity": 2}])
    press(egpay, answer["checkout_url"], "pay", email="buyer@harbour.example")
    until(lambda: shipped(egpay, answer["sale_id"]), what="the devices are not shipped")
    assert egpay.sale(answer["sale_id"])["subscription"] is None
    assert not await egpay.ask("SELECT * FROM subscriptions WHERE sale_id = $1", answer["sale_id"])
    orders = egpay.browser.get(f"{egpay.sandbox}/warehouse/api/orders").json()
    [order_taken] = [taken for taken in orders if taken["sale_id"] == answer["sale_id"]]
    [item] = order_taken["items"]
    assert (item["product"], item["quantity"]) == ("gateway", 2)


async def test_a_declined_card_leaves_the_sale_open_until_it_is_paid(egpay: EgpaySystem) -> None:
    answer = egpay.order()
    press(egpay, answer["checkout_url"], "decline", email="buyer@harbour.example")
    assert egpay.sale(answer["sale_id"])["status"] == "in_progress"
    press(egpay, answer["checkout_url"], "pay", email="buyer@harbour.example")
    until(lambda: egpay.sale(answer["sale_id"])["status"] == "paid", what="the sale is not paid")


async def test_a_refund_before_dispatch_stops_the_parcel(egpay: EgpaySystem) -> None:
    answer = egpay.order()
    press(egpay, answer["checkout_url"], "pay", email="buyer@harbour.example")
    until(lambda: egpay.sale(answer["sale_id"])["status"] == "paid", what="the sale is not paid")
    truth = egpay.browser.get(f"{egpay.sandbox}/sandbox/truth").json()
    [session] = [known for known in truth["sessions"] if known["id"] == answer["checkout_session_id"]]
    [invoice] = [invoice for invoice in truth["invoices"] if invoice["id"] == session["invoice"]]
    [intent] = invoice["payment_intents"]
    refund = egpay.browser.post(
        f"{egpay.sandbox}/v1/refunds",
        data={"payment_intent": intent},
        headers={"authorization": "Bearer sk_test_sandbox"},
    )
    assert refund.status_code == 200, refund.text
    until(lambda: egpay.sale(answer["sale_id"])["status"] == "refunded", what="the sale is not refunded")


async def test_the_operator_reads_the_whole_story(egpay: EgpaySystem) -> None:
    answer = egpay.order()
    press(egpay, answer["checkout_url"], "pay", email="buyer@harbour.example")
    until(lambda: shipped(egpay, answer["sale_id"]), what="the devices are not shipped")

    def told() -> dict[str, object]:
        shown = subprocess.run(
            [PROGRAMS / "egpay", "sale", "show", answer["sale_id"], "--json"],
            env=egpay.env,
            capture_output=True,
            text=True,
            check=True,
        )
        return dict(json.loads(shown.stdout))

    wanted = {
        "sale.started",
        "checkout.session_opened",
        "webhook.checkout.session.completed",
        "sale.paid",
        "account.opened",
        "email.introduction",
        "warehouse.told",
        "shipment.shipped",
    }

    def complete() -> bool:
        steps = told()["timeline"]
        assert isinstance(steps, list)
        return wanted <= {step["kind"] for step in steps}

    until(complete, what=f"the timeline lacks one of {sorted(wanted)}")
    unknown = subprocess.run(
        [PROGRAMS / "egpay", "sale", "show", "sale_unknown"], env=egpay.env, capture_output=True, check=False
    )
    assert unknown.returncode == 1
