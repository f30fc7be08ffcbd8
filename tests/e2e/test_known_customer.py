"""The known customer: from the mailed link over the billing portal to an order that its owner's customer pays."""

import re
import secrets
from typing import Any

from egpay_system import EgpaySystem, order, until
from test_purchase import press, shipped

SENSOR = [{"product": "sensor", "quantity": 1}]


def customer_token(egpay: EgpaySystem, email: str) -> str:
    """Asks for a link, opens the portal by it, and reads where the portal leads back to."""
    egpay.browser.post(f"{egpay.api}/v1/billing-portal/sessions", json={"email": email}).raise_for_status()
    [letter] = until(lambda: egpay.letters(email, "portal"), what="no link")
    [link] = set(re.findall(rf"{re.escape(egpay.api)}/v1/billing-portal/sessions/[\w-]+", letter["text"]))
    opened = egpay.browser.get(link)
    portal = egpay.browser.get(opened.headers["location"]).raise_for_status()
    return str(re.findall(r"#customer_token=([\w-]{43})", portal.text)[0])


def stripes(egpay: EgpaySystem, path: str) -> dict[str, Any]:
    """An object as the provider has it."""
    answer = egpay.browser.get(
        f"{egpay.sandbox}/v1/{path}", headers={"authorization": "Bearer sk_test_sandbox"}
    )
    return dict(answer.raise_for_status().json())


def placed(egpay: EgpaySystem, email: str, **changes: Any) -> tuple[dict[str, Any], str]:
    """An order, and the customer of its page."""
    body = order(email=email, line_items=SENSOR, **changes)
    answer = egpay.browser.post(f"{egpay.api}/v1/checkout/sessions", json=body).raise_for_status().json()
    session = stripes(egpay, f"checkout/sessions/{answer['checkout_session_id']}")
    return answer, session["customer"]


async def test_an_order_from_the_account_corner_is_paid_by_the_customer_of_the_subscription(
    egpay: EgpaySystem,
) -> None:
    email = f"orla.{secrets.token_hex(4)}@harbour.example"
    first = egpay.order(email=email)
    press(egpay, first["checkout_url"], "pay", email="accounts@harbour.example")
    until(lambda: egpay.sale(first["sale_id"])["introduced"], what="no account")
    [row] = await egpay.ask("SELECT * FROM subscriptions WHERE sale_id = $1", first["sale_id"])
    known = stripes(egpay, f"customers/{row['customer_id']}")

    token = customer_token(egpay, email)
    strangers, own = placed(egpay, email)
    assert own != known["id"]
    answer, customer = placed(egpay, email, customer_token=token)
    assert (customer, answer["checkout_url"] == strangers["checkout_url"]) == (known["id"], False)

    press(egpay, answer["checkout_url"], "pay", name="Another Name Ltd")
    until(lambda: shipped(egpay, answer["sale_id"]), what="the devices are not shipped")
    after = stripes(egpay, f"customers/{known['id']}")
    assert (after["email"], after["name"], after["address"]) == (
        "accounts@harbour.example",
        known["name"],
        known["address"],
    )
    assert await egpay.ask("SELECT 1 FROM customers WHERE sale_id = $1", answer["sale_id"]) == []
    assert not await egpay.ask("SELECT * FROM dead_letters")
